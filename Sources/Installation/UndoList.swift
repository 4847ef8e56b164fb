import Posix
import SystemPackage

/// What this installation took or made, a line each, written *before* it is taken, so that removal by `slipway offboard`
/// or by `offboard.sh` (which reads the same lines) leaves nothing, wherever an installation was interrupted.
public struct UndoList: Sendable {
  public enum Entry: Sendable, Equatable {
    /// A unit file of ours.
    case unit(String)
    case user(String)
    case group(String)
    /// A file or tree of ours, as an absolute path below the root.
    case path(String)
    /// A folder of the product's data; kept with `--keep-data`.
    case data(String)
    /// A unit that was disabled and stopped while managed, and how it was.
    case takenOver(unit: String, enabled: String, active: String)

    public var line: String {
      switch self {
      case .unit(let name): "unit\t\(name)"
      case .user(let name): "user\t\(name)"
      case .group(let name): "group\t\(name)"
      case .path(let path): "path\t\(path)"
      case .data(let path): "data\t\(path)"
      case .takenOver(let unit, let enabled, let active): "takenOver\t\(unit)\t\(enabled)\t\(active)"
      }
    }

    /// Nil for a line that says nothing this version knows.
    public init?(line: String) {
      let fields = Self.split(line, "\t", omittingEmpty: false)
      switch (fields.first, fields.count) {
      case ("unit", 2): self = .unit(fields[1])
      case ("user", 2): self = .user(fields[1])
      case ("group", 2): self = .group(fields[1])
      case ("path", 2): self = .path(fields[1])
      case ("data", 2): self = .data(fields[1])
      case ("takenOver", 4): self = .takenOver(unit: fields[1], enabled: fields[2], active: fields[3])
      default: return nil
      }
    }

    /// At bytes, as the shell script does it: to Swift a carriage return before the line's end, or an accent after a tab,
    /// would be one character with it.
    fileprivate static func split(_ text: String, _ mark: Unicode.Scalar, omittingEmpty: Bool) -> [String] {
      text.unicodeScalars.split(separator: mark, omittingEmptySubsequences: omittingEmpty).map { String(Substring($0)) }
    }
  }

  static let name = "undo.list"
  let directory: Directory

  public init(in directory: Directory) { self.directory = directory }

  public func entries() throws(PosixError) -> [Entry] {
    let bytes = try directory.read(Self.name, limit: 1 << 20) ?? []
    return Entry.split(String(decoding: bytes, as: UTF8.self), "\n", omittingEmpty: true).compactMap { Entry(line: $0) }
  }

  /// Notes what is about to be taken; durable when it returns. What stands there already is not written again: the
  /// first note of a taken-over unit is how it was before us.
  public func note(_ entries: [Entry]) throws(PosixError) {
    let known = try self.entries()
    let fresh = entries.filter { entry in
      if case .takenOver(let unit, _, _) = entry {
        return !known.contains { if case .takenOver(unit, _, _) = $0 { true } else { false } }
      }
      return !known.contains(entry)
    }
    guard !fresh.isEmpty else { return }
    let text = (known + fresh).map { $0.line + "\n" }.joined()
    try DurableFile.write(Array(text.utf8), Self.name, in: directory)
  }
}

import Glibc
import Installation
import Posix
import SystemPackage

/// The logs of one product as one: `install.log`, and what apply, fetch and the agent write into folders of their own.
public struct LogLines: Sendable {
  public struct Line: Sendable, Equatable {
    /// Below the folder of the logs: `apply/apply.log`.
    public let file: String
    public let text: String
  }

  /// Bytes of a file that are looked at from its end, at first.
  static let tail: Int64 = 1 << 20

  let layout: Layout
  /// How far each file has been read: bytes by inode, since what is rotated takes another name.
  private var read: [UInt64: Int64] = [:]

  public init(_ layout: Layout) { self.layout = layout }

  /// What has come since the last call, in the order of the times at the beginnings of the lines; a line without one stays
  /// behind the one before it. The first time: what there is, of each file its last MiB.
  ///
  /// - Parameter more: whether this is asked again: a line that is still being written comes then.
  /// - Throws: for a log that this person may not read.
  public mutating func next(more: Bool = true) throws -> [Line] {
    let isFirst = read.isEmpty
    var found: [(at: String, line: Line)] = []
    for (folder, prefix) in try folders() {
      for name in try folder.names() where try folder.status(name)?.kind == .file {
        guard let lines = try news(of: name, in: folder, prefix + name, isFirst: isFirst, more) else { continue }
        var at = ""
        for text in lines {
          if let stamp = Self.stamp(text) { at = stamp }
          found.append((at, Line(file: prefix + name, text: text)))
        }
      }
    }
    return found.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }.map(\.element.line)
  }

  private func folders() throws -> [(Directory, String)] {
    let logs: Directory
    do throws(PosixError) { logs = try Directory.open(layout.logs) } catch {
      // Somebody has cleared it away: nothing is written there yet.
      guard error.isNotFound else { throw error }
      return []
    }
    return try [(logs, "")]
      + logs.names().filter { try logs.status($0)?.kind == .directory }.map { (try logs.directory($0), "\($0)/") }
  }

  /// Nil for a file that was renamed since it was listed: it is met under its new name the next time.
  private mutating func news(
    of name: String, in folder: Directory, _ title: String, isFirst: Bool, _ more: Bool
  ) throws -> [String]? {
    let file: FileDescriptor
    do throws(PosixError) { file = try folder.open(name) } catch {
      guard error.isNotFound else { throw error }
      return nil
    }
    defer { try? file.close() }
    let status = try file.status(title)
    let known = read[status.inode]
    var start = known ?? (isFirst ? max(0, status.size - Self.tail) : 0)
    if start > status.size { start = 0 }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while start + Int64(bytes.count) < status.size, bytes.count < Self.tail {
      let offset = start + Int64(bytes.count)
      let count = buffer.withUnsafeMutableBytes { pread(file.rawValue, $0.baseAddress, $0.count, off_t(offset)) }
      guard count > 0 else { break }
      bytes += buffer[..<count]
    }
    let isHalf = known == nil && isFirst && start > 0
    var whole = bytes.lastIndex(of: 10).map { $0 + 1 } ?? 0
    // A line that is longer than what is read at once comes in pieces.
    if !more || (whole == 0 && bytes.count >= Self.tail) { whole = bytes.count }
    var lines = bytes[..<whole].split(separator: 10).map { String(decoding: $0, as: UTF8.self) }
    if isHalf, !lines.isEmpty { lines[0] = "... " + lines[0] }
    read[status.inode] = start + Int64(whole)
    return lines
  }

  /// `2026-11-22T10:00:00Z`, as all of Slipway's own lines begin.
  private static func stamp(_ line: String) -> String? {
    let bytes = Array(line.utf8.prefix(20))
    guard bytes.count == 20, bytes[4] == UInt8(ascii: "-"), bytes[10] == UInt8(ascii: "T"),
      bytes[19] == UInt8(ascii: "Z")
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}

import Bundles
import Glibc
import Installation
import Posix
import SystemPackage

/// A compressed tar archive in the making, for support: what goes in has been through a ``Scrubber``.
public struct SupportArchive {
  /// Of a log longer than this, the end: bytes.
  public static let tail = 4 << 20
  /// Files of one folder; the newest names of a log that rotates come last.
  static let files = 200

  private let file: FileDescriptor
  private let path: String
  private let folder: String
  private let scrubber: Scrubber
  private let now: Int64
  /// What is in it, and, with a remark, what is not.
  public private(set) var entries: [String] = []

  /// - Parameters:
  ///   - file: new, empty, and nobody else's to read.
  ///   - folder: what everything in it lies in.
  /// - Throws: where there are secrets on this device that cannot be read, and so could not be left out.
  public init(to file: FileDescriptor, path: String, folder: String, _ layout: Layout, now: Int64) throws {
    self.file = file
    self.path = path
    self.folder = folder
    self.now = now
    scrubber = try Scrubber(layout)
  }

  public mutating func add(_ name: String, _ bytes: [UInt8]) throws {
    let text = scrubber.scrub(bytes)
    guard let header = Ustar.header("\(folder)/\(name)", length: Int64(text.count), mode: 0o600, modified: now) else {
      entries.append("\(name.sanitized()) (left out: its name is too long)")
      return
    }
    let padding = [UInt8](repeating: 0, count: Int(Ustar.padded(Int64(text.count))) - text.count)
    try write(header + text + padding)
    entries.append(name.sanitized())
  }

  /// The files of a folder that others may write: no links of either kind, nothing but files. Folders below it are left out.
  ///
  /// - Parameter isWanted: by the file's name.
  public mutating func add(
    _ name: String, filesOf path: FilePath, where isWanted: (String) -> Bool = { _ in true }
  ) throws {
    let from: Directory
    do throws(PosixError) { from = try Directory.open(path) } catch {
      entries.append("\(name.sanitized()) (left out: \(error))")
      return
    }
    for each in try from.names().filter(isWanted).suffix(Self.files) {
      guard let status = try from.status(each), status.kind != .directory else { continue }
      do {
        let bytes = try Self.end(of: each, in: from)
        try add("\(name)/\(each)", bytes)
      } catch let error as PosixError { entries.append("\(name)/\(each.sanitized()) (left out: \(error))") }
    }
  }

  private static func end(of name: String, in folder: Directory) throws(PosixError) -> [UInt8] {
    let file = try folder.open(name)
    defer { try? file.close() }
    let status = try file.status(name)
    guard status.kind == .file, status.links == 1 else {
      throw PosixError("read (no file, or one with a second name)", "\(folder.path)/\(name)", code: EINVAL)
    }
    var bytes = [UInt8](repeating: 0, count: Int(min(status.size, Int64(tail))))
    var done = 0
    while done < bytes.count {
      // Array's closure rethrows untyped: the error travels as a value.
      let offset = status.size - Int64(bytes.count - done)
      let count = bytes.withUnsafeMutableBytes { raw in
        pread(file.rawValue, raw.baseAddress?.advanced(by: done), raw.count - done, off_t(offset))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw PosixError("read", "\(folder.path)/\(name)", code: errno) }
      if count == 0 { break }
      done += count
    }
    // Half a line could begin with half a secret.
    return Array(done < status.size ? bytes[..<done].drop { $0 != 10 }.dropFirst() : bytes[..<done])
  }

  /// The two empty blocks that end it; then it is on the disk.
  public mutating func finish() throws {
    try write([UInt8](repeating: 0, count: 2 * Ustar.block))
    try file.synchronize(path)
  }

  private func write(_ bytes: [UInt8]) throws {
    try file.writeFully(try ZstandardFrame.make(bytes, level: 6), path: path)
  }
}

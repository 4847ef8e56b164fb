import Posix

/// A proxy script that was brought, as it is kept for the time when it cannot be brought again.
struct KeptScript: Sendable, Equatable {
  static let name = "proxy-script"
  /// Seconds for which a script is used without asking for it again.
  static let freshness: Int64 = 3600

  let source: String
  /// Seconds since the epoch.
  let brought: Int64
  let script: [UInt8]

  init(source: String, brought: Int64, script: [UInt8]) {
    self.source = source
    self.brought = brought
    self.script = script
  }

  /// A line with the time and the address, and the script behind it.
  init?(parsing bytes: [UInt8]) {
    guard let end = bytes.prefix(4096).firstIndex(of: 0x0A) else { return nil }
    let words = bytes[..<end].split(separator: 0x20, maxSplits: 1).map { String(validating: $0, as: UTF8.self) }
    guard words.count == 2, let time = words[0].flatMap({ Int64($0) }), time >= 0, let source = words[1] else {
      return nil
    }
    self.init(source: source, brought: time, script: Array(bytes[(end + 1)...]))
  }

  var bytes: [UInt8] { Array("\(brought) \(source)\n".utf8) + script }

  /// Not older than ``freshness``, and not from the future, as after a clock was set back.
  func isFresh(now: Int64) -> Bool { (0..<Self.freshness).contains(now - brought) }

  /// What is kept in a folder; nil where that is nothing, or cannot be read.
  static func read(_ folder: Directory, limit: Int) -> KeptScript? {
    ((try? folder.read(name, limit: limit + 4096)) ?? nil).flatMap { KeptScript(parsing: $0) }
  }

  func write(_ folder: Directory) throws(PosixError) {
    try DurableFile.write(bytes, Self.name, in: folder, mode: 0o640)
  }
}

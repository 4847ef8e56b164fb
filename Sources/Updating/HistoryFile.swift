import Cryptography
import Installation
import Posix

/// One file of the history, as it lies there: lines of JSON, each of which carries the hash of the one before.
struct HistoryFile {
  /// The file that grows, and the one before it.
  static let name = "history.jsonl"
  static let older = "history.1.jsonl"
  /// Bytes that a file may have; with the older one twice as many are kept.
  static let limit = 512 << 10
  /// Numbers that JSON carries everywhere (RFC 8259, section 6).
  static let numbers = 1...1 << 53

  struct Line {
    /// Counted from 1.
    let number: Int
    let bytes: [UInt8]
    /// Nil for one that does not read.
    let event: Event?

    var hash: String { (try? sha256(bytes).hex) ?? "" }
  }

  let lines: [Line]
  /// Bytes that are whole lines; less than ``size`` where a power cut has torn the last one.
  let whole: Int
  let size: Int

  init(_ bytes: [UInt8]) {
    var lines: [Line] = []
    var start = 0
    while let end = bytes[start...].firstIndex(of: 10) {
      let line = Array(bytes[start..<end])
      lines.append(Line(number: lines.count + 1, bytes: line, event: Self.event(line)))
      start = end + 1
    }
    // Its blocks may reach the disk in any order, the one with the newline first.
    if let last = lines.last, last.event == nil, start == bytes.count {
      start -= last.bytes.count + 1
      lines.removeLast()
    }
    self.lines = lines
    whole = start
    size = bytes.count
  }

  /// Nil for what does not read, and for a number that none can be counted on from.
  private static func event(_ line: [UInt8]) -> Event? {
    guard let event = try? JSON.decode(Event.self, line), numbers.contains(event.number) else { return nil }
    return event
  }

  /// Nil where there is none.
  static func read(_ name: String, in folder: Directory) throws(PosixError) -> HistoryFile? {
    try folder.read(name, limit: longest).map { HistoryFile($0) }
  }

  /// A last line may go beyond the limit.
  private static let longest = 2 * limit

  /// False for what no run of ours has left there: a link, a folder, something endless.
  static func canStand(_ name: String, in folder: Directory) throws(PosixError) -> Bool {
    guard let status = try folder.status(name) else { return true }
    return status.kind == .file && status.size <= longest
  }
}

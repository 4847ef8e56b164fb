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

  /// Nil for what does not read, and for a number beyond those that JSON carries everywhere (RFC 8259, section 6): none
  /// can be counted on from it.
  private static func event(_ line: [UInt8]) -> Event? {
    guard let event = try? JSON.decode(Event.self, line), (1...1 << 53).contains(event.number) else { return nil }
    return event
  }

  /// Nil where there is none.
  static func read(_ name: String, in folder: Directory) throws(PosixError) -> HistoryFile? {
    // A last line may go beyond the limit.
    try folder.read(name, limit: 2 * limit).map { HistoryFile($0) }
  }
}

import Posix
import Product
import SystemPackage

@testable import Installation
@testable import Updating

extension FuzzTarget {
  static let device = [journal, state, undo, wanted, history]

  private static let journal = FuzzTarget("journal", maximumLength: 4096) { (bytes) throws(Finding) in
    guard let journal = try? StoredJSON.decode(Journal.self, bytes, file: "input") else { return false }
    _ = (journal.state, journal.inFlight)
    try checkCoding(journal)
    return true
  }

  /// The sealed state as one of its two copies: never an error to the next writer, and a copy that reads is kept.
  private static let state = FuzzTarget("state", maximumLength: 4096) { (bytes) throws(Finding) in
    if let plain = try? StoredJSON.decode(DeviceState.self, bytes, file: "input") { try checkCoding(plain) }
    return try Scratch.withFolder { (folder) throws(Finding) in
      let layout = Layout(root: folder, product: try mustSucceed("id") { () throws in try ProductID("fuzz") })
      _ = try mustSucceed("folders") { () throws in
        var directory = try Directory.open(folder)
        for name in ["var", "lib", "slipway", "fuzz"] { directory = try directory.makeDirectory(name, mode: 0o755) }
      }
      try Scratch.write(bytes, "state.json", in: layout.state)
      let files = try mustSucceed("opening") { () throws in try StateFiles(layout) }
      guard let state = try? files.state() else {
        try require(files.setAsideCorrupt() == ["state.json"], "what does not read is not set aside")
        return false
      }
      _ = try mustSucceed("saving") { () throws in try files.save(state) }
      let saved = try mustSucceed("reading again") { () throws in try files.state() }
      try require(saved?.generation == state.generation + 1, "generation \(String(describing: saved?.generation))")
      return true
    }
  }

  /// The undo list: what is read is what the lines say, one entry a line, as the shell script reads them too.
  private static let undo = FuzzTarget("undo", maximumLength: 4096) { (bytes) throws(Finding) in
    try Scratch.withFolder { (folder) throws(Finding) in
      try Scratch.write(bytes, "undo.list", in: folder)
      let entries = try mustSucceed("reading") { () throws in
        try UndoList(in: try Directory.open(folder)).entries()
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { return false }
      let known: Set<String> = ["unit", "user", "group", "path", "data", "takenOver"]
      let lines = text.utf8.split(separator: UInt8(ascii: "\n")).filter { line in
        let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        let kind = String(Substring(fields[0]))
        return known.contains(kind) && fields.count == (kind == "takenOver" ? 4 : 2)
      }
      try require(entries.count == lines.count, "\(entries.count) entries of \(lines.count) lines")
      for (entry, line) in zip(entries, lines) {
        try require(entry.line.utf8.elementsEqual(line), "'\(entry.line)' of '\(Substring(line))'")
      }
      return !entries.isEmpty
    }
  }

  private static let wanted = FuzzTarget("wanted", maximumLength: 4096) { (bytes) throws(Finding) in
    guard let wanted = try? JSON.decode(Wanted.self, bytes) else { return false }
    try checkCoding(wanted)
    return true
  }

  /// Somebody's history: a chain that is said to be whole has every line, in order.
  private static let history = FuzzTarget("history", maximumLength: 4096) { (bytes) throws(Finding) in
    let file = HistoryFile(bytes)
    try require(file.whole <= file.size && file.size == bytes.count, "\(file.whole) of \(file.size)")
    try require(file.lines.reduce(0) { $0 + $1.bytes.count + 1 } == file.whole, "lines are not what is whole")
    let report = HistoryReport(product: "fuzz", files: [(HistoryFile.name, file)])
    guard report.ok else { return false }
    try require(report.events.map(\.number) == Array(report.events.indices.map { $0 + 1 }), "numbers")
    for event in report.events { try checkCoding(event) }
    return !report.events.isEmpty
  }

  private static func checkCoding<Value: Codable & Equatable>(_ value: Value) throws(Finding) {
    let text = try mustSucceed("encoded") { () throws in try JSON.encode(value) }
    let again = try mustSucceed("parsed again") { () throws in try JSON.decode(Value.self, text) }
    try require(again == value, "differs after writing and reading")
  }
}

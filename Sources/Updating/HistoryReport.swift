import Installation
import Posix
import Product

/// What `slipway history` says: the events that are kept, and whether anybody has touched them. Reads only, takes no lock,
/// needs no root.
public struct HistoryReport: Codable, Sendable {
  public struct Fault: Codable, Sendable, Equatable {
    public var file: String
    /// Counted from 1.
    public var line: Int
    public var reason: String
  }

  public var schema = "slipway.history/1"
  public var product: String
  public var events: [Event]
  /// Whether each line carries the hash of the one before, from the first that is kept.
  public var ok: Bool
  /// Where it does not; the first place.
  public var fault: Fault?
  /// Bytes of a line that a power cut has torn; cut off with the next event.
  public var torn: Int?

  /// - Parameter since: only events from then on; the chain is looked at whole.
  public init(_ layout: Layout, since: Timestamp? = nil) throws {
    let folder = try Directory.open(layout.state)
    try self.init(layout, folder)
    // One file may have taken the other's place meanwhile.
    if !ok { try self.init(layout, folder) }
    if let since { events.removeAll { $0.at < since.description } }
  }

  private init(_ layout: Layout, _ folder: Directory) throws {
    let files = try [HistoryFile.older, HistoryFile.name].compactMap { name in
      try HistoryFile.read(name, in: folder).map { (name, $0) }
    }
    self.init(product: layout.product.text, files: files)
  }

  init(product: String, files: [(name: String, file: HistoryFile)]) {
    self.product = product
    events = files.flatMap { $0.file.lines.compactMap(\.event) }
    fault = Self.fault(in: files)
    ok = fault == nil
    let lost = files.last.map { $0.file.size - $0.file.whole } ?? 0
    torn = lost > 0 ? lost : nil
  }

  private static func fault(in files: [(name: String, file: HistoryFile)]) -> Fault? {
    var last: (number: Int, hash: String)?
    for (name, file) in files {
      if name == HistoryFile.older, file.whole < file.size {
        return Fault(file: name, line: file.lines.count + 1, reason: "the line is cut off")
      }
      for line in file.lines {
        func fault(_ reason: String) -> Fault { Fault(file: name, line: line.number, reason: reason) }
        guard let event = line.event else { return fault("the line does not read") }
        if let last {
          guard event.previous == last.hash else { return fault("the line before it is another one than it names") }
          guard event.number == last.number + 1 else { return fault("its number does not follow") }
        } else if event.number == 1 ? event.previous != Event.none : name != HistoryFile.older {
          return fault("what stood before it is missing")
        }
        last = (event.number, line.hash)
      }
    }
    return nil
  }
}

import Cryptography
import Installation
import Posix
import Product

/// What has happened to a product on this device: `history.jsonl`, append-only, each line with the hash of the one before,
/// and each event in the journal too. ``Event/told(by:)`` says what is written; this says how.
public struct History: Sendable {
  let device: Device

  init(_ device: Device) { self.device = device }

  /// Never fails: a history that cannot be written is told in the log, and keeps nothing from happening.
  public func note(_ event: Event) { note { _ in [event] } }

  /// What a change of journal or state means.
  func note(_ change: StateFiles.Change) {
    let events = Event.told(by: change)
    if !events.isEmpty { note { Self.untold(events, after: $0) } }
  }

  private func note(_ events: ([Event]) -> [Event]) {
    let told: [Event]
    do {
      told = try append(events)
    } catch {
      device.log.error("the history cannot be written: \(error)")
      told = events([]).map(signed)
    }
    guard device.layout.isHost else { return }
    for event in told { JournalSocket().send(fields(event)) }
  }

  private func signed(_ event: Event) -> Event {
    var event = event
    (event.at, event.by, event.uid) = (device.now, device.actor.name, device.actor.uid)
    return event
  }

  /// - Returns: those that were not told yet, as they were written.
  private func append(_ events: ([Event]) -> [Event]) throws -> [Event] {
    let folder = try Directory.open(device.layout.state)
    guard let lock = try FileLock.take("history.lock", in: folder, patience: 2) else {
      throw InstallationError(.locked, "another run is writing it", remedy: "")
    }
    defer { _ = lock }
    if try [HistoryFile.older, HistoryFile.name].contains(where: { try !HistoryFile.canStand($0, in: folder) }) {
      return try beginAnew(events([]), folder)
    }
    let file = try HistoryFile.read(HistoryFile.name, in: folder)
    let isBegun = file.map { !$0.lines.isEmpty } ?? false
    let before = isBegun ? file : try HistoryFile.read(HistoryFile.older, in: folder)
    let past = before?.lines.compactMap(\.event) ?? []
    var news = wanted(events(past), after: past)
    if let last = before?.lines.last {
      guard let number = last.event?.number, HistoryFile.numbers.contains(number + news.count + 1) else {
        return try beginAnew(events([]), folder)
      }
    }
    if let file, file.whole < file.size {
      news.insert(Event(.historyCut, reason: "\(file.size - file.whole) bytes of a torn line were cut off"), at: 0)
      try cut(HistoryFile.name, to: file.whole, in: folder)
    }
    guard !news.isEmpty else { return [] }
    if let file, file.whole > HistoryFile.limit {
      try folder.rename(HistoryFile.name, to: folder, as: HistoryFile.older)
      try folder.synchronize()
    }
    return try write(news, after: before?.lines.last, folder)
  }

  /// What stands there stays there for whoever wants to look at it, and no history goes on from it.
  private func beginAnew(_ events: [Event], _ folder: Directory) throws -> [Event] {
    for name in [HistoryFile.older, HistoryFile.name] {
      // The first that was set aside says most: it goes only for the second.
      let aside = "\(name).corrupt"
      if try folder.status(aside) != nil {
        try folder.removeTree("\(name).first.corrupt")
        try folder.rename(aside, to: folder, as: "\(name).first.corrupt")
      }
      try folder.setAside(name)
    }
    let reason = "it is set aside (history*.corrupt), and another begun"
    return try write([Event(.historyCut, reason: reason)] + events, after: nil, folder)
  }

  private func write(_ events: [Event], after last: HistoryFile.Line?, _ folder: Directory) throws -> [Event] {
    var number = last?.event?.number ?? 0
    var previous = last?.hash ?? Event.none
    var bytes: [UInt8] = []
    let written = try events.map { event in
      var event = signed(event)
      number += 1
      (event.number, event.previous) = (number, previous)
      let line = try JSON.encode(event)
      previous = try sha256(Array(line.dropLast())).hex
      bytes += line
      return event
    }
    let isNew = try folder.status(HistoryFile.name) == nil
    let file = try folder.append(to: HistoryFile.name, mode: 0o644)
    defer { try? file.close() }
    try file.writeFully(bytes, path: HistoryFile.name)
    try file.synchronize(HistoryFile.name)
    if isNew { try folder.synchronize() }
    return written
  }

  private func cut(_ name: String, to size: Int, in folder: Directory) throws {
    let file = try folder.append(to: name, mode: 0o644)
    defer { try? file.close() }
    try file.resize(to: Int64(size), retryOnInterrupt: true)
  }

  private func fields(_ event: Event) -> [(String, String)] {
    let kind = EventKind(rawValue: event.kind)
    let texts: [(String, String?)] = [
      ("MESSAGE", "\(device.layout.product): \(event.sentence)"), ("MESSAGE_ID", kind?.messageID),
      ("PRIORITY", kind.map { "\($0.priority)" }), ("SYSLOG_IDENTIFIER", "slipway"),
      ("SLIPWAY_PRODUCT", device.layout.product.text), ("SLIPWAY_EVENT", event.kind),
      ("SLIPWAY_VERSION", event.version), ("SLIPWAY_FROM", event.from), ("SLIPWAY_REASON", event.reason),
      ("SLIPWAY_CODE", event.code.map { "\($0)" }), ("SLIPWAY_KEY", event.key), ("SLIPWAY_VALUE", event.value),
      ("SLIPWAY_BY", event.by), ("SLIPWAY_UID", event.uid.map { "\($0)" }),
      ("SLIPWAY_NUMBER", "\(event.number)"), ("SLIPWAY_PREVIOUS", event.previous),
    ]
    return texts.compactMap { name, text in text.map { (name, $0) } }
  }
}

extension Device {
  public var history: History { History(self) }
}

extension StateFiles {
  /// Journal and state of a device; what is written of them is told to its history.
  init(_ device: Device) throws(InstallationError) {
    try self.init(device.layout) { device.history.note($0) }
  }
}

/// One thing that happened to a product: a line of `history.jsonl`, an entry of the journal. The keys are those of
/// `slipway.history/1`, described in `docs/events.md`.
public struct Event: Codable, Sendable, Equatable {
  /// Counts from 1 on this device.
  public var number = 0
  /// SHA-256 (hexadecimal) of the line before, without its newline; sixty-four zeros in the first.
  public var previous = Event.none
  /// RFC 3339, UTC.
  public var at = ""
  /// A person's account, or `slipway` for what happens in the background.
  public var by = Actor.slipway.name
  /// The person's number.
  public var uid: UInt32?
  /// An ``EventKind``; as text, so that what a later version has written can be read.
  public var kind: String
  /// The version that it is about: for a roll-back the one gone back to.
  public var version: String?
  /// The version left.
  public var from: String?
  /// Why, in words.
  public var reason: String?
  /// The contract's exit code.
  public var code: Int32?
  /// The wish that was changed, as config.toml names it, with what it says now and said before; nil where nothing does.
  public var key: String?
  public var value: String?
  public var before: String?

  public static let none = String(repeating: "0", count: 64)

  public init(
    _ kind: EventKind, version: String? = nil, from: String? = nil, reason: String? = nil, code: Int32? = nil,
    key: String? = nil, value: String? = nil, before: String? = nil
  ) {
    self.kind = kind.rawValue
    self.version = version
    self.from = from
    // Everybody on the device may read it: others' words may be in it, and secrets in addresses.
    self.reason = reason.map(Scrubber.unsecret)
    self.code = code
    self.key = key
    self.value = value.map(Scrubber.unsecret)
    self.before = before.map(Scrubber.unsecret)
  }

  /// Whether `other` tells the same, whenever and by whomever.
  func tells(_ other: Event) -> Bool {
    var same = other
    (same.number, same.previous, same.at, same.by, same.uid) = (number, previous, at, by, uid)
    return same == self
  }

  /// What can come again with every poll.
  var isFailure: Bool { kind == EventKind.refused.rawValue || kind == EventKind.failed.rawValue }

  /// What happened, in a sentence for people.
  public var sentence: String {
    let version = version ?? "the version"
    let why = reason.map { ": \($0)" } ?? ""
    return switch EventKind(rawValue: kind) {
    case .installed: "\(version) was installed"
    case .installFailed: "the installation of \(version) failed\(why)"
    case .staged: "\(version) lies ready beside \(from ?? "nothing")"
    case .switched: "switched to \(version) from \(from ?? "nothing"); it is on probation"
    case .committed: "\(version) has proved itself and is kept"
    case .rolledBack: "back at \(version), \(from ?? "the other") is left\(why)"
    case .rollbackFailed: "going back to \(version) failed\(why)"
    case .inconclusive: "\(version) failed, and so did the old version: tried again later\(why)"
    case .knownBad: "\(version) is known to be bad here\(why)"
    case .refused: "refused\(self.version.map { " \($0)" } ?? "")\(why)"
    case .failed: "an update failed\(why)"
    case .rescued: "the agent had failed and is started again\(why)"
    case .setAside: "a damaged file was set aside\(why)"
    case .mended: "what was lost was made again\(why)"
    case .repaired: "\(version) was repaired"
    case .wishChanged where key == "hold.until" && value == "\"released\"": "held until `slipway release`"
    case .wishChanged: "\(key ?? "a wish") is \(value ?? "not set"), it was \(before ?? "not set")"
    case .wishesTaken: "the configuration is another one, and is heeded now"
    case .offboarded: "the product was removed"
    case .historyCut: "the end of the history was unreadable\(why)"
    case nil: "\(kind) \(version)\(why)"
    }
  }
}

/// Who has something done.
public struct Actor: Sendable, Equatable {
  /// What no person asked for.
  public static let slipway = Actor(name: "slipway", uid: nil)

  public var name: String
  public var uid: UInt32?

  public init(name: String, uid: UInt32?) {
    self.name = name.sanitized(limit: 64)
    self.uid = uid
  }
}

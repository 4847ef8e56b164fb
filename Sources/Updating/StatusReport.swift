import Installation
import Posix
import Product
import Services
import SystemPackage

/// What `slipway status` says: version, state, and why it is not newer. Reads only, takes no lock, needs no root.
public struct StatusReport: Encodable, Sendable {
  public var schema = "slipway.status/1"
  public var product: String
  public var platform: String
  public var version: String?
  public var state: String
  /// The version on probation or on the way, while there is one.
  public var changingTo: String?
  /// The version that lies beside the running one and waits to be switched to.
  public var staged: String?
  public var channel: String
  public var previous: String?
  public var proven: String?
  @Always public var pinned: String?
  /// That the agent is not to be restarted now, whether or not anything waits.
  public var hold: SwitchGate.Hold?
  /// Versions that were left by hand without being bad.
  public var avoided: [String]
  public var updates: Bool
  /// Whether the latest poll was followed by a verified answer within the timestamp's life.
  public var fresh: Bool
  public var bucket: Int
  public var health: String
  public var lastCheck: String?
  public var nextCheck: String?
  public var knownBad: [DeviceState.KnownBad]
  public var waitingFor: [WaitingFor]
  public var lastResult: DeviceState.Result?
  /// How the latest poll ended, in fetch's own words.
  public var lastFetch: Fetch.Report?
  public var isolation: String?
  /// What is wrong with config.toml or config.d: until it is mended nothing new is decided.
  public var configurationError: String?
  /// Files of Slipway's own that do not read just now.
  public var faults: [String]
  /// What did not read once and was set aside (`NAME.corrupt`): for support, and gone with the product.
  public var setAside: [String]

  public init(_ device: Device) throws {
    let layout = device.layout
    let store = try VersionStore(layout)
    let files = try StateFiles(layout)
    // Neither is repaired here: whoever holds the lock next sets aside what does not read.
    var faults: [String] = []
    var journal: Journal?
    var state: DeviceState?
    do { journal = try files.journal() } catch { faults.append(error.message) }
    do { state = try files.state() } catch { faults.append(error.message) }
    self.faults = faults
    setAside = Self.setAside(layout)
    let version = store.version(.current)
    let manifest = version.flatMap { try? device.manifest(of: $0) }
    let choice = Choice(device)
    product = layout.product.text
    platform = device.platform.text
    self.version = version?.description
    self.state = journal?.recordedState ?? "unknown"
    changingTo = journal?.to
    staged = state?.staged?.version.description
    channel = (try? choice.channelName(version)) ?? "stable"
    previous = store.version(.previous)?.description
    proven = store.version(.proven)?.description
    pinned = device.configuration.pin?.version.description
    let now = Timestamp(seconds: device.time)
    hold = device.configuration.hold.flatMap { $0.until.map { $0 <= now } ?? false ? nil : $0 }
    avoided = (device.configuration.avoided ?? []).map(\.description)
    updates = device.configuration.updatesOn ?? true
    bucket = (try? choice.bucket(version, seed: state?.seed)) ?? 0
    health = state?.health ?? "unknown"
    lastCheck = state?.lastCheck
    let interval = manifest.map { device.configuration.updates(for: $0).intervalSeconds } ?? 3600
    let checked = state?.lastCheck.flatMap { try? Timestamp($0) }
    nextCheck = checked.map { Timestamp(seconds: $0.seconds + interval).description }
    // A timestamp lives a day by default; a check younger than that was answered with fresh metadata.
    fresh = checked.map { abs(device.time - $0.seconds) < 86_400 } ?? false
    knownBad = state?.knownBad ?? []
    waitingFor = state?.waitingFor ?? []
    lastResult = state?.lastResult
    configurationError = device.configurationFault?.message
    let report = (try? Directory.open(layout.fetch)).flatMap { try? $0.read("result.json", limit: 65_536) }
    lastFetch = report.flatMap { try? JSON.decode(Fetch.Report.self, $0) }
  }

  private static func setAside(_ layout: Layout) -> [String] {
    [layout.state, layout.trees, layout.trustedMetadata].flatMap { folder in
      ((try? Directory.open(folder).names()) ?? []).filter { $0.hasSuffix(".corrupt") }.map { "\(folder)/\($0)" }
    }
  }
}

/// A key that is always there: null where it has no value.
@propertyWrapper
public struct Always<Value: Encodable & Sendable>: Encodable, Sendable {
  public var wrappedValue: Value?

  public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(wrappedValue)
  }
}

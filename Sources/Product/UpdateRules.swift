/// When and how a product looks for updates and switches to them.
public struct UpdateRules: Equatable, Sendable, Codable {
  /// Time between two polls, in seconds.
  public var intervalSeconds: Int64
  /// When a switch may happen, in device time (see `MaintenanceWindow`); empty means always.
  public var window: [String]
  /// Longest time that window, busy and hold may put off a switch, in seconds.
  public var deferMaxSeconds: Int64
  /// The same for a version that the policy calls critical.
  public var deferMaxCriticalSeconds: Int64
  /// How long a version waits for its window when one has gone by unused, in seconds: a device that is switched off in
  /// every window must not stay behind for ever.
  public var catchUpSeconds: Int64
  /// Versions kept on the device, the running one included.
  public var keepVersions: Int
  /// Cap on downloads in bytes a second; nil means none.
  public var bandwidthBytesPerSecond: Int64?

  public init(
    intervalSeconds: Int64 = 3_600, window: [String] = [], deferMaxSeconds: Int64 = 14 * 86_400,
    deferMaxCriticalSeconds: Int64 = 4 * 3_600, catchUpSeconds: Int64 = 7 * 86_400, keepVersions: Int = 2,
    bandwidthBytesPerSecond: Int64? = nil
  ) {
    self.intervalSeconds = intervalSeconds
    self.window = window
    self.deferMaxSeconds = deferMaxSeconds
    self.deferMaxCriticalSeconds = deferMaxCriticalSeconds
    self.catchUpSeconds = catchUpSeconds
    self.keepVersions = keepVersions
    self.bandwidthBytesPerSecond = bandwidthBytesPerSecond
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let standard = UpdateRules()
    self.init(
      intervalSeconds: try container.value(.intervalSeconds, or: standard.intervalSeconds),
      window: try container.value(.window, or: []),
      deferMaxSeconds: try container.value(.deferMaxSeconds, or: standard.deferMaxSeconds),
      deferMaxCriticalSeconds: try container.value(.deferMaxCriticalSeconds, or: standard.deferMaxCriticalSeconds),
      catchUpSeconds: try container.value(.catchUpSeconds, or: standard.catchUpSeconds),
      keepVersions: try container.value(.keepVersions, or: standard.keepVersions),
      bandwidthBytesPerSecond: try container.decodeIfPresent(Int64.self, forKey: .bandwidthBytesPerSecond))
  }
}

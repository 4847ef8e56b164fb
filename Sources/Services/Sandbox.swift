/// Settings of systemd.exec(5) and systemd.resource-control(5) in order, for a unit file and for `systemd-run -p` alike.
public struct Sandbox: Sendable, Equatable, Codable {
  public struct Setting: Sendable, Equatable, Codable {
    public var key: String
    public var value: String

    public init(_ key: String, _ value: String) {
      self.key = key
      self.value = value
    }
  }

  public private(set) var settings: [Setting]

  public init(_ settings: [Setting] = []) {
    self.settings = settings
  }

  init(_ settings: KeyValuePairs<String, String>) {
    self.settings = settings.map { Setting($0.key, $0.value) }
  }

  /// The last value given for `key`.
  public subscript(key: String) -> String? {
    settings.last { $0.key == key }?.value
  }

  /// The same with one more line; a key may stand several times (SystemCallFilter=).
  public func adding(_ key: String, _ value: String) -> Sandbox {
    Sandbox(settings + [Setting(key, value)])
  }

  /// The same with every line of `key` replaced by one, or by none when `value` is nil.
  public func replacing(_ key: String, with value: String?) -> Sandbox {
    guard let value else { return Sandbox(settings.filter { $0.key != key }) }
    guard let first = settings.firstIndex(where: { $0.key == key }) else { return adding(key, value) }
    var result = settings
    result[first].value = value
    let tail = result[(first + 1)...].filter { $0.key != key }
    return Sandbox(Array(result[...first]) + tail)
  }

  /// Lines for a `[Service]` section.
  public var unitLines: [String] { settings.map { "\($0.key)=\($0.value)" } }

  /// Arguments for systemd-run(1).
  public var runArguments: [String] { settings.flatMap { ["-p", "\($0.key)=\($0.value)"] } }
}

/// What is reached directly although proxies are set.
public enum BypassRule: Sendable, Hashable, CustomStringConvertible {
  /// `<local>`: names without a dot.
  case local
  /// A name in which each `*` stands for any characters, `*` alone for every host.
  case name(String, port: Int?)
  /// `.example.com`: that domain, and all below it.
  case domain(String, port: Int?)
  case address(IPAddress, port: Int?)
  /// Addresses whose first bits are these. Names are not looked up for it.
  case network(IPAddress, bits: Int)

  static let rule =
    "<local>, a host such as intranet or *.example.com, a domain such as .example.com, an address, or a network such as 10.0.0.0/8; with :PORT behind all but <local> and networks, and IPv6 addresses then in brackets"
  /// The most of them.
  static let most = 256

  /// - Parameter masking: an address within a network stands for the network.
  public init(parsing text: String, masking: Bool = false) throws(ProxySettingsError) {
    guard text != "<local>" else {
      self = .local
      return
    }
    if text.contains("/") {
      self = try Self.network(text, masking)
    } else if let address = IPAddress(parsing: text) {
      self = .address(address, port: nil)
    } else if let rule = Self.host(text) {
      self = rule
    } else {
      throw ProxySettingsError(value: text, allowed: Self.rule)
    }
  }

  /// Reads some of them, separated by commas; nothing at all is none. Errors name the one that is wrong.
  public static func list(_ text: String) throws(ProxySettingsError) -> [BypassRule] {
    guard !text.isEmpty else { return [] }
    var list: [BypassRule] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      list.append(try BypassRule(parsing: String(part)))
    }
    return try checked(list)
  }

  /// - Throws: for too many of them.
  @discardableResult
  public static func checked(_ list: [BypassRule]) throws(ProxySettingsError) -> [BypassRule] {
    guard list.count <= most else { throw ProxySettingsError(value: "\(list.count)", allowed: "\(most) at most") }
    return list
  }

  private static func network(_ text: String, _ masking: Bool) throws(ProxySettingsError) -> BypassRule {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let address = IPAddress(parsing: String(parts[0])), (1...3).contains(parts[1].utf8.count),
      parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }), let bits = Int(parts[1]),
      bits <= address.bytes.count * 8
    else { throw ProxySettingsError(value: text, allowed: rule) }
    let first = address.masked(bits: bits)
    guard masking || first == address else {
      throw ProxySettingsError(value: text, allowed: "the network of these \(bits) bits is \(first)/\(bits)")
    }
    return .network(first, bits: bits)
  }

  private static func host(_ text: String) -> BypassRule? {
    guard let (name, port) = HostAndPort.split(text) else { return nil }
    if name.hasPrefix("[") {
      return HostAndPort(name).flatMap { IPAddress(parsing: $0.host) }.map { .address($0, port: port) }
    }
    if let address = IPAddress(parsing: name) { return .address(address, port: port) }
    let lower = name.lowercased()
    if lower.hasPrefix(".") {
      return HostAndPort.isName(String(lower.dropFirst())) ? .domain(String(lower.dropFirst()), port: port) : nil
    }
    // Asterisks stand for anything, so what is around them need not be a whole name.
    guard lower.contains("*") ? isPattern(lower) : HostAndPort.isName(lower) else { return nil }
    return .name(lower, port: port)
  }

  private static func isPattern(_ text: String) -> Bool {
    text.utf8.count <= 253 && text.utf8.allSatisfy { HostAndPort.isNameByte($0) || $0 == 0x2E || $0 == 0x2A }
  }

  public var description: String {
    switch self {
    case .local: "<local>"
    case .name(let name, let port): name + Self.suffix(port)
    case .domain(let name, let port): ".\(name)" + Self.suffix(port)
    case .address(let address, let port):
      address.isVersion6 && port != nil ? "[\(address)]" + Self.suffix(port) : "\(address)" + Self.suffix(port)
    case .network(let address, let bits): "\(address)/\(bits)"
    }
  }

  private static func suffix(_ port: Int?) -> String { port.map { ":\($0)" } ?? "" }
}

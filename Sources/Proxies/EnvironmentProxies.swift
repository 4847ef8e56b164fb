/// The proxy variables of a person's environment, read as curl reads them (curl(1), "ENVIRONMENT").
///
/// `http_proxy` counts in lower case alone: a web server hands its programs the header `Proxy:` as `HTTP_PROXY`.
/// Of the others the lower case wins. An empty variable is none.
public struct EnvironmentProxies: Sendable, Equatable {
  private struct Variable: Sendable, Equatable {
    let name: String
    let endpoint: ProxyEndpoint
    let credentials: ProxyCredentials?
  }

  /// The variables that are read.
  public static let names = [
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY",
  ]

  /// Those of an environment that name a proxy or say where none is to be used; empty where no proxy is named.
  public static func variables(of environment: [String: String]) -> [String: String] {
    let mine = environment.filter { names.contains($0.key) && !$0.value.isEmpty }
    return mine.keys.contains { !$0.lowercased().hasPrefix("no_") } ? mine : [:]
  }

  private let http: Variable?
  private let https: Variable?
  private let bypass: [BypassRule]

  /// - Throws: naming the variable; its value is not shown, for it may hold a password.
  public init(_ environment: [String: String]) throws(ProxySettingsError) {
    let all = try Self.variable(["all_proxy", "ALL_PROXY"], environment)
    http = try Self.variable(["http_proxy"], environment) ?? all
    https = try Self.variable(["https_proxy", "HTTPS_PROXY"], environment) ?? all
    bypass = try Self.bypass(environment)
  }

  /// The route to a server.
  public func decision(for origin: WebOrigin) -> ProxyDecision {
    if let rule = bypass.first(where: { $0.matches(origin) }) {
      return ProxyDecision(.environment, rule: "NO_PROXY \(rule)", routes: [.direct])
    }
    guard let variable = origin.scheme == .http ? http : https else {
      return ProxyDecision(
        .environment, rule: "no variable is set for \(origin.scheme.rawValue)", routes: [.direct])
    }
    return ProxyDecision(.environment, rule: variable.name, routes: [.through(variable.endpoint)])
  }

  /// What a variable's URL says for exactly this proxy.
  public func credentials(for endpoint: ProxyEndpoint) -> ProxyCredentials? {
    [https, http].compactMap { $0 }.first { $0.endpoint == endpoint }?.credentials
  }

  private static func value(_ names: [String], _ environment: [String: String]) -> (name: String, text: String)? {
    for name in names {
      if let text = environment[name], !text.isEmpty { return (name, text) }
    }
    return nil
  }

  /// `[KIND://][USER:PASSWORD@]HOST:PORT[/]`. Without a port it is 1080 as curl has it, except 443 for https.
  private static func variable(
    _ names: [String], _ environment: [String: String]
  ) throws(ProxySettingsError) -> Variable? {
    guard let (name, text) = value(names, environment) else { return nil }
    let refused = ProxySettingsError(value: name, allowed: "[KIND://]HOST:PORT, KIND http, https, socks4 or socks5")
    var kind = "http://"
    var rest = text[...]
    if let separator = text.firstRange(of: "://") {
      kind = text[..<separator.upperBound].lowercased()
      rest = text[separator.upperBound...]
    }
    // Names that curl has for looking the host up here or there: here the proxy always does.
    kind = ["socks://": "socks4://", "socks4a://": "socks4://", "socks5h://": "socks5://"][kind] ?? kind
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    var credentials: ProxyCredentials?
    if let at = rest.lastIndex(of: "@") {
      guard let found = Self.credentials(rest[..<at]) else { throw refused }
      credentials = found
      rest = rest[rest.index(after: at)...]
    }
    guard ["http://", "https://", "socks4://", "socks5://"].contains(kind) else { throw refused }
    let port = HostAndPort(rest).map { $0.port == nil ? (kind == "https://" ? ":443" : ":1080") : "" } ?? ""
    guard let endpoint = ProxyEndpoint(address: kind + rest + port) else { throw refused }
    return Variable(name: name, endpoint: endpoint, credentials: credentials)
  }

  private static func credentials(_ text: Substring) -> ProxyCredentials? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let user = decoded(parts[0]), let password = parts.count == 2 ? decoded(parts[1]) : "" else { return nil }
    return ProxyCredentials(user: user, password: password)
  }

  /// Percent-decoded (RFC 3986, 2.1); nil where that goes wrong.
  private static func decoded(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      let digits = rest.prefix(2)
      guard digits.count == 2, let value = UInt8(String(Substring(digits)), radix: 16), value >= 0x20 else {
        return nil
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Separated by commas or spaces. A name is a domain, with a dot before it, behind it, or without; a network is named by
  /// any address in it.
  private static func bypass(_ environment: [String: String]) throws(ProxySettingsError) -> [BypassRule] {
    guard let (name, text) = value(["no_proxy", "NO_PROXY"], environment) else { return [] }
    var rules: [BypassRule] = []
    for part in text.split(whereSeparator: { ", \t".contains($0) }) {
      do throws(ProxySettingsError) {
        let text = part.hasSuffix(".") ? part.dropLast() : part
        let rule = try BypassRule(parsing: String(text), masking: true)
        if case .name(let host, let port) = rule, !host.contains("*") {
          rules.append(.domain(host, port: port))
        } else {
          rules.append(rule)
        }
      } catch {
        throw ProxySettingsError(value: "\(name): \(error.value)", allowed: error.allowed)
      }
    }
    return rules
  }
}

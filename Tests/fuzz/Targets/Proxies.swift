@testable import Proxies

extension FuzzTarget {
  static let proxies = [proxyList, proxyBypass, proxyLease, proxyCredentials]

  /// The servers that a person names: each reads back as itself, and has nothing in it that is no address.
  private static let proxyList = FuzzTarget("proxy-list", maximumLength: 512) { (bytes) throws(Finding) in
    let text = String(decoding: bytes, as: UTF8.self)
    if let source = try? ScriptSource(parsing: text) { try require(source.description == text, "\(source)") }
    _ = try? EnvironmentProxies(["https_proxy": text, "no_proxy": text])
    guard let list = try? ManualProxy.list(text) else { return false }
    let written = list.map(\.description).joined(separator: ",")
    let again = try mustSucceed("read again") { () throws in try ManualProxy.list(written) }
    try require(again == list, "'\(written)' reads as \(again)")
    for one in list {
      try require((1...65535).contains(one.endpoint.port) && !one.endpoint.host.isEmpty, "\(one)")
      try require(one.endpoint.host.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"@/,=[]".utf8.contains($0) }, "\(one)")
    }
    return true
  }

  /// What goes past proxies: each reads back as itself and, where it is a plain host, matches that host.
  private static let proxyBypass = FuzzTarget("proxy-bypass", maximumLength: 512) { (bytes) throws(Finding) in
    guard let list = try? BypassRule.list(String(decoding: bytes, as: UTF8.self)) else { return false }
    for rule in list {
      let again = try mustSucceed("read again") { () throws in try BypassRule(parsing: rule.description) }
      try require(again == rule, "'\(rule)' reads as \(again)")
      switch rule {
      case .name(let name, let port) where !name.contains("*"): try matches(rule, name, port)
      case .domain(let name, let port): try matches(rule, "a." + name, port)
      case .address(let address, let port): try matches(rule, address.isVersion6 ? "[\(address)]" : "\(address)", port)
      case .network(let address, _): try matches(rule, address.isVersion6 ? "[\(address)]" : "\(address)", nil)
      case .local, .name: continue
      }
    }
    return !list.isEmpty
  }

  private static func matches(_ rule: BypassRule, _ host: String, _ port: Int?) throws(Finding) {
    guard let origin = WebOrigin("http://\(host)\(port.map { ":\($0)" } ?? "")/") else { return }
    try require(rule.matches(origin), "\(rule) does not match \(host)")
  }

  /// What DHCP clients have written down: whatever is taken of it is an address, or a domain that may be asked.
  private static let proxyLease = FuzzTarget("proxy-lease", maximumLength: 2048) { (bytes) throws(Finding) in
    let leases = DHCPLease.dhclient(bytes, now: 1_795_413_600) + [DHCPLease(networkd: bytes)]
    let hints = NetworkHints(leases, searching: NetworkHints.searchDomains(bytes))
    for domain in hints.domains {
      try require(domain.contains(".") && WebOrigin("http://wpad.\(domain)/wpad.dat")?.host == "wpad.\(domain)", domain)
    }
    try require(hints.scripts.allSatisfy { !$0.isEmpty }, "an empty address")
    if let kept = KeptScript(parsing: bytes) {
      try require(KeptScript(parsing: kept.bytes) == kept, "kept differently")
    }
    return !hints.scripts.isEmpty || !hints.domains.isEmpty
  }

  private static let proxyCredentials = FuzzTarget("proxy-credentials", maximumLength: 1024) {
    (bytes) throws(Finding) in
    guard let file = try? ProxyCredentialsFile(parsing: bytes) else { return false }
    let again = try mustSucceed("read again") { () throws in try ProxyCredentialsFile(parsing: file.bytes) }
    try require(again == file, "differs after writing and reading")
    return !file.isEmpty
  }
}

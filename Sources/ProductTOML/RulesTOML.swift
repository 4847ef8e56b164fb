import Product

extension PrerequisiteRules {
  static let keys: Set<String> = ["tpm", "accounts", "disk", "os", "packages", "network", "required"]

  init(_ top: Section) throws(ProductTOMLError) {
    self.init()
    guard let table = try top.section("prerequisites", keys: PrerequisiteRules.keys) else { return }
    tpm = try table.choice("tpm", among: TPM.self) ?? .ignored
    accounts = try table.strings("accounts") ?? []
    diskMinimumBytes = try table.size("disk") ?? 0
    for system in try table.sections("os", keys: ["id", "versions"]) {
      os.append(OperatingSystem(id: try system.required("id"), versions: try system.strings("versions") ?? []))
    }
    if let distributions = try table.section("packages", keys: []) {
      for name in distributions.names { packages[name] = try distributions.strings(name) ?? [] }
    }
    for (index, text) in (try table.strings("network") ?? []).enumerated() {
      let endpoint = try table.hostAndPort("network[\(index)]", text)
      network.append(Endpoint(host: endpoint.host, port: endpoint.port))
    }
    for (index, text) in (try table.strings("required") ?? []).enumerated() {
      required.append(try table.choice("required[\(index)]", text))
    }
  }
}

extension UpdateRules {
  static let keys: Set<String> = [
    "interval", "window", "deferMax", "deferMaxCritical", "catchUp", "keepVersions", "bandwidth",
  ]

  init(_ top: Section) throws(ProductTOMLError) {
    self.init()
    guard let table = try top.section("updates", keys: UpdateRules.keys) else { return }
    intervalSeconds = try table.duration("interval") ?? intervalSeconds
    window = try table.strings("window") ?? window
    deferMaxSeconds = try table.duration("deferMax") ?? deferMaxSeconds
    deferMaxCriticalSeconds = try table.duration("deferMaxCritical") ?? min(deferMaxCriticalSeconds, deferMaxSeconds)
    catchUpSeconds = try table.duration("catchUp") ?? catchUpSeconds
    keepVersions = try table.int("keepVersions") ?? keepVersions
    bandwidthBytesPerSecond = try table.rate("bandwidth")
  }
}

extension Section {
  /// One of an enumeration's words.
  func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, among type: Value.Type
  ) throws(ProductTOMLError) -> Value? where Value.RawValue == String {
    guard let text = try string(key) else { return nil }
    return try choice(key, text)
  }

  func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String, _ text: String
  ) throws(ProductTOMLError) -> Value where Value.RawValue == String {
    guard let value = Value(rawValue: text) else {
      let words = Value.allCases.map(\.rawValue).joined(separator: ", ")
      throw error(.invalidValue, key, "'\(text)' is not accepted: one of \(words)")
    }
    return value
  }

  func hostAndPort(_ key: String, _ text: String) throws(ProductTOMLError) -> (host: String, port: Int) {
    guard let pair = WebAddress.hostAndPort(text) else {
      throw error(.invalidValue, key, "'\(text)' is not accepted: HOST:PORT, IPv6 addresses in brackets")
    }
    return pair
  }
}

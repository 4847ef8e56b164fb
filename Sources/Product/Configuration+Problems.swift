extension Configuration {
  /// Everything wrong with the values that can be known without the disk; empty when the configuration is sound.
  public func problems() -> [ProductError] {
    var findings = Findings()
    if let channel { findings.require(ValueRules.isLabel(channel), "channel", channel, ValueRules.label) }
    findings.list(rings ?? [], "rings", ValueRules.label, ValueRules.isLabel)
    if case .manual(let servers, let bypass) = proxy {
      findings.require(!servers.isEmpty, "proxy.servers", "[]", "at least one HOST:PORT")
      for (index, server) in servers.enumerated() {
        let text = "\(server.host):\(server.port)"
        findings.require(
          ValueRules.isHost(server.host) && ValueRules.isPort(server.port), "proxy.servers[\(index)]", text,
          "HOST:PORT")
      }
      findings.list(bypass, "proxy.bypass", ValueRules.host + ", or a domain such as .example.com") {
        ValueRules.isHost($0.hasPrefix(".") ? String($0.dropFirst()) : $0)
      }
    }
    if let tcti { findings.require(ValueRules.isTCTI(tcti), "tpm.tcti", tcti, ValueRules.tcti) }
    let rule = WebAddress.rule + ", ending in '/'"
    for (key, list) in [("repository.metadata", metadata), ("repository.targets", targets)] {
      findings.list(list ?? [], key, rule) { WebAddress($0)?.path.hasSuffix("/") == true }
      findings.require(list?.isEmpty != true, key, "[]", "at least one address")
    }
    laid(over: UpdateRules()).check(&findings, at: "updates")
    return findings.errors
  }
}

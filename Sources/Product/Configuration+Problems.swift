extension Configuration {
  /// Everything wrong with the values that can be known without the disk; empty when the configuration is sound.
  public func problems() -> [ProductError] {
    var findings = Findings()
    if let channel { findings.require(ValueRules.isLabel(channel), "channel", channel, ValueRules.label) }
    findings.list(rings ?? [], "rings", ValueRules.label, ValueRules.isLabel)
    if let tcti { findings.require(ValueRules.isTCTI(tcti), "tpm.tcti", tcti, ValueRules.tcti) }
    if let folder = tpmAuthorities {
      findings.require(ValueRules.isAbsolutePath(folder), "tpm.authorities", folder, ValueRules.absolutePath)
    }
    findings.list(endorsementKeys ?? [], "tpm.endorsementKeys", ValueRules.sha256, ValueRules.isSHA256)
    if let caFile {
      findings.require(ValueRules.isAbsolutePath(caFile), "transport.caFile", caFile, ValueRules.absolutePath)
    }
    let rule = WebAddress.rule + ", ending in '/'"
    for (key, list) in [("repository.metadata", metadata), ("repository.targets", targets)] {
      findings.list(list ?? [], key, rule) { WebAddress($0)?.path.hasSuffix("/") == true }
      findings.require(list?.isEmpty != true, key, "[]", "at least one address")
    }
    laid(over: UpdateRules()).check(&findings, at: "updates")
    return findings.errors
  }
}

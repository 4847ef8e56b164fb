extension ProductManifest {
  /// Everything that is wrong with the manifest's values and can be known without the disk; empty when it is sound.
  public func problems() -> [ProductError] {
    var findings = Findings()
    checkNames(&findings)
    repository.check(&findings, at: "repository")
    prerequisites.check(&findings)
    findings.require(!services.isEmpty, "services", "[]", "at least one service")
    findings.unique(services.map(\.name), "services")
    for (index, service) in services.enumerated() {
      service.check(&findings, at: "services[\(index)]", product: id)
    }
    findings.list(takesOver, "takesOver", ValueRules.unit, ValueRules.isUnit)
    for (index, unit) in takesOver.enumerated() {
      let own = unit.hasPrefix("slipway-") || services.contains { $0.unit(of: id) == unit }
      findings.require(!own, "takesOver[\(index)]", unit, "a unit that is not the product's own or Slipway's")
    }
    updates.check(&findings, at: "updates")
    findings.list(data.map(\.name), "data", ValueRules.label, ValueRules.isLabel)
    for (index, folder) in data.enumerated() {
      let key = "data[\(index)]"
      findings.require(Int64(folder.schema), in: 1...1_000_000, "\(key).schema", unit: "(a format's number)")
      findings.require(
        (1...max(1, folder.schema)).contains(folder.readableFrom), "\(key).readableFrom", "\(folder.readableFrom)",
        "1 up to the folder's own schema")
      if let migrate = folder.migrate { findings.command(migrate, "\(key).migrate") }
      findings.seconds(folder.migrateSeconds, in: 1...3_600, "\(key).migrateSeconds")
    }
    for (index, hook) in offboarding.enumerated() {
      let key = "offboarding[\(index)]"
      findings.command(hook.command, "\(key).command")
      findings.require(ValueRules.isUser(hook.user), "\(key).user", hook.user, ValueRules.user)
      findings.seconds(hook.timeoutSeconds, in: 1...600, "\(key).timeoutSeconds")
    }
    findings.list(specialModes, "specialModes", ValueRules.path, ValueRules.isRelativePath)
    findings.unique(requires, "requires")
    return findings.errors
  }

  private func checkNames(_ findings: inout Findings) {
    for (key, text) in [("name", name.text), ("publisher", publisher)] {
      let length = text.count
      findings.require(
        (1...80).contains(length) && !Letters.hasControl(text), key, text, "1 to 80 characters on one line")
    }
    for (language, text) in name.byLanguage.sorted(by: { $0.key < $1.key }) {
      findings.require(ValueRules.isLanguage(language), "name.\(language)", language, "a language such as de or pt-BR")
      findings.require(
        (1...80).contains(text.count) && !Letters.hasControl(text), "name.\(language)", text,
        "1 to 80 characters on one line")
    }
    for (language, text) in (licence?.byLanguage ?? [:]).sorted(by: { $0.key < $1.key }) {
      findings.require(
        ValueRules.isLanguage(language), "licence.\(language)", language, "a language such as de or pt-BR")
      findings.require(!text.isEmpty, "licence.\(language)", text, "a text")
    }
    if let licence { findings.require(!licence.text.isEmpty, "licence", "", "a text") }
    findings.require(ValueRules.isLabel(channel), "channel", channel, ValueRules.label)
    findings.unique(platforms.map(\.text), "platforms")
    findings.require(
      platforms.contains(platform), "platforms", platforms.map(\.text).joined(separator: ", "),
      "a list that holds this release's platform, \(platform)")
  }
}

extension RepositoryLocations {
  func check(_ findings: inout Findings, at key: String) {
    let rule = WebAddress.rule + ", ending in '/'"
    for (name, list) in [("metadata", metadata), ("targets", targets)] {
      findings.list(list, "\(key).\(name)", rule) { WebAddress($0)?.path.hasSuffix("/") == true }
    }
    findings.require(
      metadata.isEmpty == targets.isEmpty, key, metadata.isEmpty ? "no metadata" : "no targets",
      "both lists, or neither")
  }
}

extension PrerequisiteRules {
  func check(_ findings: inout Findings) {
    let allowed = "a local account's name, or .\\NAME; without ':', '/' or another '\\', at most 32 bytes"
    for (index, text) in accounts.enumerated() {
      // Accounts of the device, not of ours: 'Admin' and 'Skype' have capitals.
      let name = LocalAccount(text).name
      let isName =
        !name.isEmpty && name.utf8.count <= 32 && name.first != "-" && !Letters.hasControl(name)
        && !name.contains { ":/ \\".contains($0) }
      findings.require(isName, "prerequisites.accounts[\(index)]", text, allowed)
    }
    findings.unique(accounts.map { LocalAccount($0).name }, "prerequisites.accounts")
    findings.require(diskMinimumBytes, in: 0...(1 << 50), "prerequisites.diskMinimumBytes", unit: "bytes")
    for (index, system) in os.enumerated() {
      let key = "prerequisites.os[\(index)]"
      let isWord = { (text: String) in
        !text.isEmpty && text.utf8.count <= 64
          && text.utf8.allSatisfy { Letters.isAlphanumeric($0) || "._-".utf8.contains($0) }
      }
      findings.require(isWord(system.id), "\(key).id", system.id, "os-release's ID, such as debian")
      findings.list(system.versions, "\(key).versions", "os-release's VERSION_ID, such as 12", isWord)
    }
    for (distribution, names) in packages.sorted(by: { $0.key < $1.key }) {
      findings.list(names, "prerequisites.packages.\(distribution)", "a package's name") {
        !$0.isEmpty && $0.first != "-" && $0.utf8.allSatisfy { Letters.isAlphanumeric($0) || "+-._:".utf8.contains($0) }
      }
    }
    for (index, endpoint) in network.enumerated() {
      let key = "prerequisites.network[\(index)]"
      findings.require(ValueRules.isHost(endpoint.host), "\(key).host", endpoint.host, ValueRules.host)
      findings.require(ValueRules.isPort(endpoint.port), "\(key).port", "\(endpoint.port)", "1 to 65535")
    }
    findings.unique(required.map(\.rawValue), "prerequisites.required")
  }
}

extension UpdateRules {
  func check(_ findings: inout Findings, at key: String) {
    findings.seconds(intervalSeconds, in: 60...(7 * 86_400), "\(key).intervalSeconds")
    findings.seconds(deferMaxSeconds, in: 0...(365 * 86_400), "\(key).deferMaxSeconds")
    findings.seconds(deferMaxCriticalSeconds, in: 0...max(0, deferMaxSeconds), "\(key).deferMaxCriticalSeconds")
    findings.seconds(catchUpSeconds, in: 0...(365 * 86_400), "\(key).catchUpSeconds")
    findings.require(Int64(keepVersions), in: 2...20, "\(key).keepVersions", unit: "versions, the running one included")
    if let bandwidthBytesPerSecond {
      findings.require(
        bandwidthBytesPerSecond, in: 1_024...(1 << 40), "\(key).bandwidthBytesPerSecond", unit: "bytes a second")
    }
    findings.list(window, "\(key).window", MaintenanceWindow.rule) { MaintenanceWindow($0) != nil }
  }
}

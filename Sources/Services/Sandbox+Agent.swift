extension Sandbox {
  /// What an agent's service gets unless its manifest says otherwise.
  static let strictAgent = Sandbox([
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "DevicePolicy": "closed",
    "PrivateUsers": "yes",
    "PrivateIPC": "yes",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "ProtectProc": "invisible",
    "NoNewPrivileges": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "RestrictAddressFamilies": "AF_UNIX AF_INET AF_INET6",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "SystemCallFilter": "@system-service",
    "SystemCallFilter": "~@privileged @resources",
    "SystemCallErrorNumber": "EPERM",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "KeyringMode": "private",
    "RemoveIPC": "yes",
    "UMask": "0027",
  ])

  /// Settings that a manifest may add to those of `strictAgent`; nothing that changes what is run, or as whom.
  static let further: Set<String> = [
    "BindPaths", "BindReadOnlyPaths", "CPUQuota", "CPUWeight", "DeviceAllow", "IOWeight", "IPAddressAllow",
    "IPAddressDeny", "InaccessiblePaths", "LimitMEMLOCK", "LimitNOFILE", "LimitNPROC", "MemoryHigh", "MemoryMax",
    "Nice", "OOMScoreAdjust", "PrivateNetwork", "ProcSubset", "ReadOnlyPaths", "ReadWritePaths", "SupplementaryGroups",
    "TasksMax",
  ]

  /// The strict sandbox with the manifest's overrides. An empty value removes the setting.
  /// Throws `malformed` for a key that is no sandbox setting, or a value of more than one line.
  public static func agent(_ service: ServiceSpec) throws(ServicesError) -> Sandbox {
    let known = further.union(strictAgent.settings.map(\.key))
    var result = strictAgent
    for (key, value) in service.hardening.sorted(by: { $0.key < $1.key }) {
      guard known.contains(key) else {
        throw ServicesError(.malformed, "services.\(service.name).hardening: \(key) is not a sandbox setting")
      }
      guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw ServicesError(.malformed, "services.\(service.name).hardening.\(key): control character in the value")
      }
      result = result.replacing(key, with: value.isEmpty ? nil : value)
    }
    return result
  }

  /// A health probe gets what its agent gets, less the world beyond loopback.
  public static func probe(_ service: ServiceSpec) throws(ServicesError) -> Sandbox {
    try agent(service).replacing("IPAddressDeny", with: "any").replacing("IPAddressAllow", with: "localhost")
  }
}

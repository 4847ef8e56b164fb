import Product

extension Sandbox {
  /// What an agent's service gets unless its manifest loosens it.
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

  /// The strict sandbox, loosened where the manifest asks for it and nowhere else.
  public static func agent(_ service: AgentService) -> Sandbox {
    let asked = service.hardening
    var result = strictAgent
    if !service.groups.isEmpty {
      result = result.adding("SupplementaryGroups", service.groups.joined(separator: " "))
    }
    if !asked.memoryDenyWriteExecute { result = result.replacing("MemoryDenyWriteExecute", with: "no") }
    if !asked.protectHome { result = result.replacing("ProtectHome", with: "no") }
    if !asked.restrictNamespaces { result = result.replacing("RestrictNamespaces", with: "no") }
    if !asked.restrictRealtime {
      // The setting alone would change nothing: scheduling calls are among @resources.
      result = result.replacing("RestrictRealtime", with: "no").adding("SystemCallFilter", "@resources")
    }
    if !asked.privateDevices || !asked.devices.isEmpty {
      result = result.replacing("PrivateDevices", with: "no")
      if asked.devices.isEmpty { result = result.replacing("DevicePolicy", with: "auto") }
      for device in asked.devices { result = result.adding("DeviceAllow", device) }
    }
    if !asked.capabilities.isEmpty {
      // In a user namespace of its own a capability would count for nothing outside.
      let list = asked.capabilities.joined(separator: " ")
      result = result.replacing("PrivateUsers", with: "no")
        .replacing("CapabilityBoundingSet", with: list).replacing("AmbientCapabilities", with: list)
    }
    if !asked.addressFamilies.isEmpty {
      let all = ["AF_UNIX", "AF_INET", "AF_INET6"] + asked.addressFamilies
      result = result.replacing("RestrictAddressFamilies", with: all.joined(separator: " "))
    }
    for path in asked.writablePaths { result = result.adding("ReadWritePaths", UnitText.word(path)) }
    if !asked.systemCalls.isEmpty {
      result = result.adding("SystemCallFilter", asked.systemCalls.joined(separator: " "))
    }
    return result
  }

  /// A probe gets what its agent gets, less the world beyond loopback.
  public static func probe(_ service: AgentService) -> Sandbox {
    agent(service).replacing("IPAddressDeny", with: "any").replacing("IPAddressAllow", with: "localhost")
      .adding("SystemCallFilter", "~setpriority:0")
  }

  /// What works on the product's data gets what the agent gets, less the network, and the agent's own folder.
  public static func data(_ service: AgentService, of id: ProductID) -> Sandbox {
    agent(service).replacing("PrivateNetwork", with: "yes").replacing("IPAddressDeny", with: "any")
      .replacing("RestrictAddressFamilies", with: "AF_UNIX").adding("ReadWritePaths", "-/var/lib/\(id)")
      .adding("SystemCallFilter", "~setpriority:0")
  }
}

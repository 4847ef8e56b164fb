import Product

extension AgentService {
  static let keys: Set<String> = [
    "name", "command", "user", "groups", "rootReason", "environment", "hardening", "restart", "probe", "probation",
    "busy",
  ]

  init(_ table: Section) throws(ProductTOMLError) {
    guard let command = try table.strings("command") else { throw table.missing("command") }
    var environment: [String: String] = [:]
    if let variables = try table.section("environment", keys: []) {
      for name in variables.names { environment[name] = try variables.required(name) }
    }
    self.init(
      name: try table.required("name"), command: command, user: try table.required("user"),
      groups: try table.strings("groups") ?? [], rootReason: try table.string("rootReason"), environment: environment,
      hardening: try Hardening(table), restart: try Restart(table), probe: try Probe.read(table),
      probationSeconds: try table.duration("probation") ?? AgentService.standardProbationSeconds,
      busy: try BusySign.read(table))
  }
}

extension AgentService.Restart {
  init(_ service: Section) throws(ProductTOMLError) {
    self.init()
    guard let table = try service.section("restart", keys: ["delay", "burst", "interval", "stop"]) else { return }
    delaySeconds = try table.duration("delay") ?? delaySeconds
    burst = try table.int("burst") ?? burst
    intervalSeconds = try table.duration("interval") ?? intervalSeconds
    stopSeconds = try table.duration("stop") ?? stopSeconds
  }
}

extension Hardening {
  static let keys: Set<String> = [
    "reason", "memoryDenyWriteExecute", "privateDevices", "protectHome", "restrictRealtime", "restrictNamespaces",
    "devices", "capabilities", "addressFamilies", "writablePaths", "systemCalls",
  ]

  init(_ service: Section) throws(ProductTOMLError) {
    self.init()
    guard let table = try service.section("hardening", keys: Hardening.keys) else { return }
    reason = try table.string("reason")
    memoryDenyWriteExecute = try table.bool("memoryDenyWriteExecute") ?? true
    privateDevices = try table.bool("privateDevices") ?? true
    protectHome = try table.bool("protectHome") ?? true
    restrictRealtime = try table.bool("restrictRealtime") ?? true
    restrictNamespaces = try table.bool("restrictNamespaces") ?? true
    devices = try table.strings("devices") ?? []
    capabilities = try table.strings("capabilities") ?? []
    addressFamilies = try table.strings("addressFamilies") ?? []
    writablePaths = try table.strings("writablePaths") ?? []
    systemCalls = try table.strings("systemCalls") ?? []
  }
}

extension Probe {
  /// Which keys belong to which method; the first is the one that chooses it.
  private static let methods: [[String]] = [
    ["http", "expect"], ["unixSocket", "path", "expect"], ["command"], ["file", "maxAge"],
  ]

  static func read(_ service: Section) throws(ProductTOMLError) -> Probe? {
    let times: Set<String> = ["timeout", "deadline", "interval"]
    guard let table = try service.section("probe", keys: times.union(methods.joined())) else { return nil }
    let chosen = methods.filter { table.has($0[0]) }
    guard let method = chosen.first, chosen.count == 1 else {
      throw service.error(
        .invalidValue, "probe", "expected exactly one of http, unixSocket, command, file; found \(chosen.count)")
    }
    for key in table.names where !times.contains(key) && !method.contains(key) {
      throw table.error(.unknownKey, key, "does not belong to a probe by \(method[0])")
    }
    return Probe(
      try read(table, method[0]),
      timeoutSeconds: try table.duration("timeout") ?? standardTimeoutSeconds,
      deadlineSeconds: try table.duration("deadline") ?? standardDeadlineSeconds,
      intervalSeconds: try table.duration("interval") ?? standardIntervalSeconds)
  }

  private static func read(_ table: Section, _ method: String) throws(ProductTOMLError) -> Method {
    switch method {
    case "http":
      return .http(url: try table.required("http"), expectStatus: try table.int("expect") ?? 200)
    case "unixSocket":
      return .unixSocket(
        path: try table.required("unixSocket"), urlPath: try table.required("path"),
        expectStatus: try table.int("expect") ?? 200)
    case "command":
      return .command(try table.strings("command") ?? [])
    default:
      guard let seconds = try table.duration("maxAge") else { throw table.missing("maxAge") }
      return .fileAge(path: try table.required("file"), maximumSeconds: seconds)
    }
  }
}

extension BusySign {
  static func read(_ service: Section) throws(ProductTOMLError) -> BusySign? {
    guard let table = try service.section("busy", keys: ["command", "lockFile"]) else { return nil }
    switch (try table.strings("command"), try table.string("lockFile")) {
    case (let command?, nil): return .command(command)
    case (nil, let path?): return .lockFile(path)
    default: throw service.error(.invalidValue, "busy", "expected exactly one of command, lockFile")
    }
  }
}

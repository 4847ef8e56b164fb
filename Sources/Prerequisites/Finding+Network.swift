import Product

extension Finding {
  static func proxy(_ facts: HostFacts) -> Finding {
    guard let network = facts.network else { return untried }
    if let fault = network.proxyFault { return fail(fault.reason, fault.remedy) }
    let dead = network.endpoints.filter { $0.obstacle == .proxyUnreachable }
    if let first = dead.first, dead.count == network.endpoints.filter({ $0.way != direct }).count {
      return fail(
        "\(first.way) does not answer (\(first.detail))",
        "Check the proxy's address and that it runs ('slipway proxy show'), then ask whoever runs it.")
    }
    if let first = network.endpoints.first(where: { $0.obstacle == .proxyAuthentication }) {
      return fail(
        "\(first.way) wants other credentials (407)",
        "Ask whoever runs the proxy for a user and password, and set them: 'slipway proxy credentials HOST:PORT USER'.")
    }
    if let first = network.endpoints.first(where: { $0.obstacle == .proxyScheme }) {
      return fail("\(first.way) offers no log-in but \(first.detail) (407)", "\(onlyBasic(first.way)).")
    }
    guard network.isOfShell, let way = network.endpoints.first(where: { $0.way != direct })?.way else {
      return pass(network.proxy)
    }
    return warn(
      "\(way), which the variables of this shell name; nothing is set for this device",
      "Updates run in the background and do not see those variables. Set the proxy: 'slipway proxy set manual HOST:PORT', "
        + "or [proxy] in the file that the Setup file is given by --config.")
  }

  static func network(_ facts: HostFacts) -> Finding {
    guard let network = facts.network else { return untried }
    if network.endpoints.isEmpty {
      return notChecked(
        "there is no way out to try: see the proxy", "Mend what the check 'proxy' says, then try again.")
    }
    let blocked = network.endpoints.filter { $0.obstacle != nil }
    let all = network.endpoints.count
    guard !blocked.isEmpty else {
      return pass(all == 1 ? "\(network.endpoints[0].name) answers" : "all \(all) addresses answer")
    }
    let reason = "\(blocked.count) of \(all) blocked: \(grouped(blocked))"
    let remedy = remedies(blocked)
    let needed = blocked.filter { !$0.isRepository }
    guard !needed.isEmpty else {
      return warn(reason, remedy + " Until then this device gets no updates by itself.")
    }
    // What may be the server's own answer is no proof that anything is blocked.
    return needed.allSatisfy { $0.obstacle == .proxyOrServer } ? warn(reason, remedy) : fail(reason, remedy)
  }

  private static let direct = "DIRECT"

  fileprivate static func onlyBasic(_ way: String) -> String {
    "Slipway speaks Basic alone: ask whoever runs the proxy (\(way)) to offer that, or to let this device through without"
  }
  private static let untried = notChecked(
    "nothing here needs the network", "The product names no host, and no repository is set: set 'repository'.")

  /// What is blocked in the same way together, in the order of the steps.
  private static func grouped(_ blocked: [EndpointReport]) -> String {
    var groups: [(how: String, names: [String])] = []
    for kind in EndpointReport.Obstacle.allCases {
      for report in blocked where report.obstacle == kind {
        if let index = groups.firstIndex(where: { $0.how == report.explanation }) {
          groups[index].names.append(report.name)
        } else {
          groups.append((report.explanation, [report.name]))
        }
      }
    }
    return groups.map { "\($0.names.joined(separator: ", ")) (\($0.how))" }.joined(separator: "; ")
  }

  /// One sentence for each kind of obstacle, in the order of the steps.
  private static func remedies(_ blocked: [EndpointReport]) -> String {
    EndpointReport.Obstacle.allCases.compactMap { kind in
      let hosts = blocked.filter { $0.obstacle == kind }
      guard let first = hosts.first else { return nil }
      return kind.remedy(hosts.map(\.name).joined(separator: ", "), first)
    }.joined(separator: " ")
  }
}

extension EndpointReport {
  /// How it is blocked, in a few words.
  fileprivate var explanation: String {
    let words =
      switch obstacle {
      case nil: "answers"
      case .dns: "the name does not resolve"
      case .refused: "refused"
      case .timedOut: "timed out"
      case .unreachable: "unreachable"
      case .proxyUnreachable: "the proxy does not answer"
      case .proxyRefused, .proxyAuthentication: "refused by the proxy"
      case .proxyScheme: "the proxy offers no log-in that is spoken here"
      case .proxyOrServer: "answered by the proxy or the server"
      case .tls: "no TLS"
      case .certificate: "wrong certificate"
      case .inspected: "inspected by '\(signer ?? "an unknown signer")'"
      }
    let quoted = detail.isEmpty || obstacle == .inspected ? "" : ": \(detail)"
    return words + quoted
  }
}

extension EndpointReport.Obstacle {
  /// What an admin who has never seen Slipway can do, or ask for.
  fileprivate func remedy(_ hosts: String, _ first: EndpointReport) -> String {
    switch self {
    case .dns:
      "Have the DNS servers of this device ('resolvectl status', /etc/resolv.conf) resolve \(hosts); in a network "
        + "where only a proxy may look names up, set it: 'slipway proxy set manual HOST:PORT'."
    case .refused, .timedOut, .unreachable:
      "Ask the network team to allow outgoing TCP to \(hosts) from this device; where a proxy is the way out, set it: "
        + "'slipway proxy set manual HOST:PORT'."
    case .proxyUnreachable:
      "Check the proxy's address ('slipway proxy show'), and that this device may connect to it (\(first.way))."
    case .proxyRefused:
      "Ask whoever runs the proxy (\(first.way)) to allow CONNECT to \(hosts)."
    case .proxyAuthentication:
      "Ask whoever runs the proxy (\(first.way)) for a user and password, or to let this device through without."
    case .proxyScheme:
      Finding.onlyBasic(first.way) + "."
    case .proxyOrServer:
      "Try a file that \(hosts) has: 'slipway proxy test URL'. If the answer is the same, ask whoever runs the proxy "
        + "(\(first.way)) to allow \(hosts)."
    case .tls:
      "Ask the network team what answers in place of \(hosts): a sign-in page or a filter must let this device through."
    case .certificate:
      "Check this device's clock; if it is right, ask the network team what answers in place of \(hosts)."
    case .inspected:
      "Ask the network team to exempt \(hosts) from TLS inspection, or have this device trust the inspecting proxy's CA: for "
        + "Slipway by 'transport.caFile' in config.toml, for all programs in /usr/local/share/ca-certificates, then "
        + "'update-ca-certificates'."
    }
  }
}

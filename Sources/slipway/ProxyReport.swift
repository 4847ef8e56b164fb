import Console
import Installation
import Posix
import Product
import Proxies
import Updating

/// What is set of proxies, for people and machines; of credentials only whose they are.
struct ProxyReport: Encodable {
  struct Credentials: Encodable {
    let proxy: String
    let user: String
  }

  let schema = "slipway.proxy/1"
  let mode: String
  let servers: [String]
  let bypass: [String]
  let script: String?
  /// The file that says so; nil: none does.
  let origin: String?
  /// nil where this user may not read them.
  let credentials: [Credentials]?

  init(_ layout: Layout) throws {
    let part = try Configuration.parts(layout).last { $0.configuration.proxy != nil }
    let settings = part?.configuration.proxy ?? ProxySettings()
    mode = settings.mode.rawValue
    servers = settings.servers.map(\.description)
    bypass = settings.bypass.map(\.description)
    script = settings.script?.description
    origin = part?.file
    do {
      credentials = try ProxySecrets(layout).read().users.map { Credentials(proxy: $0.proxy, user: $0.user) }
    } catch let error as PosixError where error.isDenied { credentials = nil }
  }

  func tell(json: Bool) throws {
    if json { return try Output.document(self) }
    Output.line("mode:        \(mode)\(origin.map { " (\($0))" } ?? ", as nothing is set")")
    if !servers.isEmpty { Output.line("servers:     \(servers.joined(separator: ","))") }
    if !bypass.isEmpty { Output.line("bypass:      \(bypass.joined(separator: ","))") }
    if let script { Output.line("script:      \(script)") }
    for one in credentials ?? [] { Output.line("credentials: \(one.user.sanitized()) at \(one.proxy)") }
    if credentials == nil { Output.line("credentials: only root may see whose they are") }
  }
}

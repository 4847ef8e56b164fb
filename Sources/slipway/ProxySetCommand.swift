import ArgumentParser
import Console
import Installation
import Product
import Proxies

/// `slipway proxy set`: another mode; the parameters of the others are kept.
struct ProxySetCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Choose how servers are reached.",
    discussion: "Example: sudo slipway proxy set autoscript http://wpad.example.com/proxy.pac",
    subcommands: [Manual.self, Autoscript.self, Autodetect.self, Direct.self])

  struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "manual", abstract: "Through the servers named here, tried in this order.",
      discussion: """
        Example: sudo slipway proxy set manual proxy.example.com:3128
        Example: sudo slipway proxy set manual https=proxy1:3128,https=socks5://proxy2:1080 --bypass '<local>,10.0.0.0/8'
        A server is HOST:PORT, with https://, socks4:// or socks5:// in front where it is no http proxy, and with http= or
        https= before that where it is for such addresses alone.
        """)

    @Argument(help: "HOST:PORT[,HOST:PORT...]") var servers: String
    @Option(
      help: """
        What is reached directly: <local> (names without a dot), host.example.com, *.example.com, .example.com (that \
        domain and all below it), 10.0.0.1, 10.0.0.0/8, fd00::/8; hosts also with :PORT. Without this option what was \
        set before stays; '' is nothing.
        """) var bypass: String?
    @OptionGroup var options: Options

    func run() throws {
      try ProxyChange(options).take { settings in
        settings.mode = .manual
        settings.servers = try ManualProxy.list(servers)
        if let bypass { settings.bypass = try BypassRule.list(bypass) }
      }
    }
  }

  struct Autoscript: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "autoscript", abstract: "As a proxy auto-configuration script (PAC) says.",
      discussion: """
        Example: sudo slipway proxy set autoscript http://wpad.example.com/proxy.pac
        Example: sudo slipway proxy set autoscript file:///etc/proxy.pac
        """)

    @Argument(help: "http://..., https://... or file:///...") var script: String
    @OptionGroup var options: Options

    func run() throws {
      try ProxyChange(options).take { settings in
        settings.mode = .autoscript
        settings.script = try ScriptSource(parsing: script)
      }
    }
  }

  struct Autodetect: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "autodetect", abstract: "As a script says that the network names (WPAD).",
      discussion: """
        Example: sudo slipway proxy set autodetect
        Looked for in DHCP leases (option 252), then at http://wpad.DOMAIN/wpad.dat for each search domain.
        """)

    @OptionGroup var options: Options

    func run() throws { try ProxyChange(options).take { $0.mode = .autodetect } }
  }

  struct Direct: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "none", abstract: "Directly, through no proxy.", discussion: "Example: sudo slipway proxy set none")

    @OptionGroup var options: Options

    func run() throws { try ProxyChange(options).take { $0.mode = .none } }
  }
}

/// One change of the proxy settings.
struct ProxyChange {
  let options: Options

  init(_ options: Options) { self.options = options }

  /// What counts now is what changes: the local file then says all of it.
  ///
  /// - Throws: exit code 64 for a value that is not taken, before anything is written.
  func take(_ change: (inout ProxySettings) throws -> Void) throws {
    try options.requireRoot()
    let layout = try options.installed()
    var settings = try Configuration.load(layout).proxy ?? ProxySettings()
    do { try change(&settings) } catch let error as ProxySettingsError {
      throw Failure(
        .usage, name: "usage", error.description, remedy: "`slipway proxy set --help` has examples; nothing was changed"
      )
    }
    try LocalConfiguration(try options.device(layout, by: .caller)).change { $0.proxy = settings }
    let report = try ProxyReport(layout)
    if let origin = report.origin, !origin.hasSuffix("/\(LocalConfiguration.name)") {
      Output.tell(
        "WARNING: \(origin) is read after \(LocalConfiguration.name) and says otherwise: remove [proxy] there")
    }
    try report.tell(json: options.json)
  }
}

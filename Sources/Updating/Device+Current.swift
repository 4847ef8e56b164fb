import Installation
import Posix
import Product
import Proxies
import Services
import Transport

extension Device {
  /// The compiled manifest of the version that runs.
  public static func currentManifest(_ layout: Layout) throws -> ProductManifest {
    guard let version = try VersionStore(layout).version(.current) else {
      throw InstallationError(
        .damaged, "\(layout.versions)/current names no version",
        remedy: "run `slipway recover`; if that does not help, \(InstallationError.installAnew)")
    }
    return try manifest(of: version, layout)
  }
}

extension Fetch {
  /// As the device's own settings say.
  public init(_ device: Device) throws {
    try device.requireConfiguration()
    let manifest = try Device.currentManifest(device.layout)
    var settings = TransportSettings()
    settings.caFile = try CAFile.checked(device.configuration.caFile)
    let chooser = device.proxyChooser(caFile: settings.caFile)
    let secrets = try ProxySecrets(device.layout).read()
    let log = device.log
    let downloader = Downloader(
      settings: settings,
      routes: { url, _ in
        let decision = try await chooser.decision(for: url)
        log.debug("\(url): \(decision)")
        return decision.routes
      }, credentials: { secrets.credentials(for: $0) })
    let repository = device.configuration.repository(for: manifest)
    guard !repository.metadata.isEmpty, !repository.targets.isEmpty else {
      throw UpdatingError(
        .unreachable, "no repository address is configured for \(device.layout.product)",
        remedy: "set repository.metadata and repository.targets in \(device.layout.configuration)/config.toml")
    }
    self.init(
      layout: device.layout, repository: repository,
      followsMoves: device.configuration.metadata == nil && device.configuration.targets == nil,
      bandwidth: device.configuration.updates(for: manifest).bandwidthBytesPerSecond,
      downloader: downloader, configurationDigest: device.configurationDigest, clock: device.clock, log: device.log)
  }
}

import Installation
import Posix
import Product
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
    var proxy: ProxySetting?
    if case .manual(let servers, let bypass)? = device.configuration.proxy, let first = servers.first {
      proxy = ProxySetting(host: first.host, port: first.port, bypass: bypass)
    }
    self.init(
      layout: device.layout, repository: device.configuration.repository(for: manifest),
      bandwidth: device.configuration.updates(for: manifest).bandwidthBytesPerSecond,
      downloader: proxy.map { Downloader(routes: $0.routes) } ?? Downloader(), clock: device.clock, log: device.log)
  }
}

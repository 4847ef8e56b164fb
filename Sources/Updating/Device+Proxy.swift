import Glibc
import Posix
import Product
import Proxies
import Services
import SystemPackage
import Transport

extension Device {
  /// Bounds for a proxy script: a poll waits for it, and tries twice; with `patience` it is tried once.
  private static func scriptSettings(_ caFile: String?, _ patience: Duration?) -> TransportSettings {
    var settings = TransportSettings()
    settings.caFile = caFile
    settings.connectTimeout = .seconds(5)
    settings.smallTimeout = patience ?? .seconds(15)
    settings.retry.maximumAttempts = patience == nil ? 2 : 1
    return settings
  }

  /// What decides the ways to servers, for fetch and for whoever wants to see what fetch would do.
  ///
  /// - Parameters:
  ///   - settings: other ones than the device's own, to be tried.
  ///   - caFile: whom TLS trusts besides the system's authorities, where a script comes by https.
  ///   - patience: for a script's coming, where somebody waits for the answer.
  public func proxyChooser(
    _ settings: ProxySettings? = nil, caFile: String?, patience: Duration? = nil
  ) -> ProxyChooser {
    let downloader = Downloader(settings: Self.scriptSettings(caFile, patience))
    let (log, clock) = (log, clock)
    let surroundings = ProxySurroundings(
      launch: proxyScriptLaunch,
      bring: { try await downloader.small($0, maximumLength: PACLimits().script) },
      cache: try? Directory.open(layout.fetch), hints: { NetworkHints.gathered(now: clock.wall()) }, clock: clock.wall,
      log: { log.warning("proxy: \($0)") })
    return ProxyChooser(settings ?? configuration.proxy ?? ProxySettings(), surroundings)
  }

  /// Under systemd its socket, for those who may use it; else a child of this process.
  private var proxyScriptLaunch: PACLaunch {
    let socket = paths.host(paths.pacSocket)
    if layout.isHost, access(socket.string, W_OK) == 0 { return .socket(socket) }
    return .process("/proc/self/exe")
  }
}

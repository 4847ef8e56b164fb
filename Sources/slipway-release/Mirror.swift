import ArgumentParser
import Console
import FoundationEssentials
import Installation
import Posix
import Product
import Proxies
import Publishing
import SystemPackage
import TUF
import Transport

struct Mirror: AsyncVerb {
  static let configuration = CommandConfiguration(
    abstract: "Keep a verified copy of what one place needs of a repository, for devices behind a thin line.",
    discussion: """
      Example, first once, then every ten minutes:
        slipway-release mirror https://updates.example.com/agent /srv/mirror --trust-root root.json \\
            --channel stable --platform linux-x86_64
        slipway-release mirror https://updates.example.com/agent /srv/mirror --channel stable --platform linux-x86_64

      Any web server serves the folder. Devices take it with
        slipway config set repository.metadata '["http://mirror.local/metadata/"]'
        slipway config set repository.targets '["http://mirror.local/targets/"]'

      All metadata is brought, and of the releases what the channels offer, the stepping stones on the way there, and what
      devices go back to from an offer that was halted with a roll-back. Interrupted, it goes on where it stopped; what
      readers see is changed last, at once. The proxy variables of the environment count, as for curl.
      """)

  @Argument(help: "The repository: what lies above its metadata/ and targets/.")
  var url: RepositoryBase

  @Argument(help: ArgumentHelp("The folder of the copy.", valueName: "dir"))
  var directory: String

  @Option(
    help: ArgumentHelp("A root that is known to be the publisher's; needed for the first run.", valueName: "file"))
  var trustRoot: String?

  @Option(
    name: .customLong("product"), help: "A product that is needed; may be given several times. Otherwise all are.")
  var products: [ProductID] = []

  @Option(
    name: .customLong("channel"), help: "A channel that is needed; may be given several times. Otherwise all are.")
  var channels: [String] = []

  @Option(
    name: .customLong("platform"), help: "A platform that is needed; may be given several times. Otherwise all are.")
  var platforms: [Platform] = []

  @Option(help: ArgumentHelp("How long files stay that nothing needs any more, such as 14d.", valueName: "time"))
  var grace = "14d"

  @OptionGroup var output: OutputOptions

  func work() async throws {
    guard let seconds = Time.seconds(grace) else {
      throw ValidationError("--grace '\(grace)' is not a time, such as 14d or 12h.")
    }
    let root = try trustRoot.map { path in
      let file = try FileDescriptor.readingFile(FilePath(path))
      return try file.closeAfter { try file.readAll(limit: 1 << 20, path: path) }
    }
    let needs = MirrorNeeds(products: Set(products), channels: Set(channels), platforms: Set(platforms))
    let mirroring = Mirroring(
      url, to: FilePath(directory), needs: needs, grace: seconds, now: HostClock.wallSeconds())
    let result: Mirroring.Result
    do { result = try await mirroring.run(trustRoot: root, by: try Self.downloader()) } catch let error as TUFError {
      throw Self.failure(error)
    }
    try output.done(
      Document(url: url.rawValue, directory: directory, result),
      [
        "Mirrored timestamp \(result.version) to \(directory): \(result.files) files, \(result.bytes) bytes; "
          + "\(result.removed.count) files removed"
      ]
        + result.expired.map { "WARNING: the role '\($0)' has expired: \(Lifetimes.loss(of: $0))" }
        + result.faults.sorted { $0.key < $1.key }.map {
          "WARNING: nothing new was mirrored of \($0.key): \($0.value); tell its publisher"
        })
  }

  /// Here it is another's repository that does not pass.
  private static func failure(_ error: TUFError) -> any Error {
    if error.code == .missing {
      return PublishingError(
        .noRepository, error.description, remedy: "the repository is not whole; tell the publisher, and try again later"
      )
    }
    return Failure(known: error) ?? error
  }

  private static func downloader() throws -> Downloader {
    let proxies: EnvironmentProxies
    do throws(ProxySettingsError) {
      proxies = try EnvironmentProxies(ProcessInfo.processInfo.environment)
    } catch {
      throw Failure(.usage, name: "usage", error.description, remedy: "correct that variable, or unset it")
    }
    var settings = TransportSettings()
    settings.userAgent = "slipway-release"
    settings.retry.maximumAttempts = 3
    return Downloader(
      settings: settings,
      routes: { url, _ in WebOrigin(url).map { proxies.decision(for: $0).routes } ?? [.direct] },
      credentials: { proxies.credentials(for: $0) })
  }

  private struct Document: Encodable {
    struct Release: Encodable {
      let product: String
      let version: String
      let platform: String
    }
    let schema = "slipway.mirror/1"
    let url: String
    let directory: String
    let timestamp: Int
    let releases: [Release]
    let files: Int
    let bytes: Int64
    let removed: [String]
    let waiting: [String]
    let expired: [String]
    let faults: [String: String]

    init(url: String, directory: String, _ result: Mirroring.Result) {
      (self.url, self.directory, timestamp) = (url, directory, result.version)
      releases = result.releases.map {
        Release(product: $0.id.text, version: $0.version.description, platform: $0.platform.text)
      }
      (files, bytes, removed, waiting) = (result.files, result.bytes, result.removed, result.waiting)
      expired = result.expired
      faults = Dictionary(uniqueKeysWithValues: result.faults.map { ($0.key.text, $0.value) })
    }
  }
}

extension RepositoryBase: ExpressibleByArgument {
  public init?(argument: String) { self.init(rawValue: argument) }
}

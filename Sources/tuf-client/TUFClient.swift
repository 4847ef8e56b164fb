import ArgumentParser
import Posix
import SystemPackage
import TUF
import Transport

/// A plain TUF client with the command line of the public tuf-conformance suite (its CLIENT-CLI.md).
struct TUFClient: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tuf-client",
    abstract: "A plain client of The Update Framework, for interoperability.",
    discussion: """
      Example: tuf-client --metadata-dir D init ROOT
      Example: tuf-client --metadata-dir D --metadata-url U refresh
      Example: tuf-client --metadata-dir D --metadata-url U --target-name N... lookup
      Example: tuf-client --metadata-dir D --metadata-url U --target-dir T --target-base-url B --target-name N... download
      """)

  enum Verb: String, ExpressibleByArgument, CaseIterable { case `init`, refresh, lookup, download }

  @Option(help: "An existing folder: the trusted metadata, one file a role.") var metadataDir: String
  @Option(help: "Where the repository's metadata is.") var metadataUrl: String?
  @Option(help: "An existing folder for verified downloads.") var targetDir: String?
  @Option(help: "Where the repository's targets are.") var targetBaseUrl: String?
  @Option(parsing: .unconditionalSingleValue, help: "A target path; may be repeated.") var targetName: [String] = []
  @Option(help: "A file of further target paths, one a line.") var targetList: String?
  @Argument(help: "init, refresh, lookup (prints role, length and path of each target) or download.") var verb: Verb
  @Argument(help: "For init: the file with the first trusted root.") var root: String?

  /// Whether any target is named.
  private var namesTargets: Bool { !targetName.isEmpty || targetList != nil }

  mutating func validate() throws {
    guard (verb == .`init`) == (root != nil) else { throw ValidationError("init, and nothing else, takes a ROOT") }
    if verb == .refresh, metadataUrl == nil { throw ValidationError("refresh needs --metadata-url") }
    if verb == .lookup, metadataUrl == nil || !namesTargets {
      throw ValidationError("lookup needs --metadata-url and at least one --target-name, or --target-list")
    }
    if verb == .download, metadataUrl == nil || targetDir == nil || targetBaseUrl == nil || !namesTargets {
      throw ValidationError(
        "download needs --metadata-url, --target-dir, --target-base-url and at least one --target-name")
    }
  }

  mutating func run() async throws {
    let store = DirectoryStore(path: metadataDir)
    if verb == .`init`, let root {
      let path = FilePath(root)
      let file = try FileDescriptor.open(path, .readOnly)
      let bytes = try file.closeAfter { try file.readAll(limit: Limits.standard.root, path: root) }
      return try Client.initialize(store, root: bytes)
    }
    guard let metadataUrl else { return }
    let downloader = Downloader(settings: .plain)
    // Section 5.1: the one reading of the clock.
    var client = Client(
      source: HTTPSource(base: metadataUrl, downloader: downloader), store: store, now: HostClock.wallSeconds())
    try await client.refresh()
    if verb == .lookup {
      for name in try targetNames() {
        let target = try await Self.target(name, &client)
        print("\(target.role) \(target.length) \(target.path)".sanitized(limit: .max))
      }
    }
    guard verb == .download, let targetDir, let targetBaseUrl else { return }
    let targets = try TargetFolder(FilePath(targetDir), base: targetBaseUrl, downloader: downloader)
    for name in try targetNames() {
      let target = try await Self.target(name, &client)
      try await targets.bring(target, hashInName: client.trusted?.root.metadata.consistentSnapshot == true)
    }
  }

  private func targetNames() throws -> [String] {
    guard let targetList else { return targetName }
    let file = try FileDescriptor.open(FilePath(targetList), .readOnly)
    let bytes = try file.closeAfter { try file.readAll(limit: 64 << 20, path: targetList) }
    return targetName + bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
  }

  private static func target(_ name: String, _ client: inout Client) async throws -> TargetInfo {
    guard let target = try await client.target(name) else {
      throw TUFError(.missing, "no trusted role signs a target \"\(name)\"")
    }
    return target
  }
}

extension TransportSettings {
  /// For somebody who waits: fewer tries than a device makes in the background.
  static var plain: TransportSettings {
    var settings = TransportSettings()
    settings.userAgent = "tuf-client"
    settings.smallTimeout = .seconds(30)
    settings.stallWindow = .seconds(20)
    settings.downloadTimeout = .seconds(3600)
    settings.retry.maximumAttempts = 3
    return settings
  }
}

import Bundles
import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// Before a new updater takes over it must show that it can update: its own fetch and apply make one whole poll into a
/// folder of their own. An updater that cannot is the one mistake that no later release can mend.
public struct Qualification: Sendable {
  enum Verdict: Sendable, Equatable {
    case passed
    /// Neither the new nor the old updater could poll: the device is offline, and the rest decides.
    case offline
    case failed(String)
  }

  /// What `apply --qualify` answers.
  public struct Answer: Codable, Sendable, Equatable {
    var schema = "slipway.qualification/1"
    var build: String
    var timestampVersion: Int
  }

  /// Seconds for a poll's download, and for its verification.
  static let limit = 60.0
  static let folder = "qualify"

  let device: Device

  public init(_ device: Device) { self.device = device }

  func judge(_ version: SemanticVersion, _ store: VersionStore) async throws -> Verdict {
    let new = try await poll(.current)
    guard let why = new else { return .passed }
    if store.version(.proven) == version { return .offline }
    if try await poll(.proven) == nil { return .failed("its updater cannot poll, where the old one can: \(why)") }
    return .offline
  }

  /// One whole poll by the updater that `link` names; nil when it worked, else what went wrong.
  private func poll(_ link: VersionStore.Link) async throws -> String? {
    // What an earlier poll left must not pass for this one's.
    do { try Directory.open(device.layout.fetch).removeTree(Self.folder) } catch {
      return "fetch: \(device.layout.fetch)/\(Self.folder) cannot be cleared: \(error)"
    }
    let fetched = try await device.services.run(
      TransientJob(
        command: device.command(link, ["fetch", "--qualify"]), user: device.layout.fetchUser,
        sandbox: .fetch(device.paths).adding("ReadWritePaths", device.paths.state.appending("fetch").string),
        timeLimit: Self.limit))
    guard fetched.isSuccess else { return "fetch: \(Self.said(fetched))" }
    let applied = try await device.services.run(
      TransientJob(
        command: device.command(link, ["apply", "--qualify"]), sandbox: .apply(device.paths), offline: true,
        timeLimit: Self.limit))
    guard applied.isSuccess else { return "apply: \(Self.said(applied))" }
    let line = applied.output.split(separator: 10).last.map(Array.init) ?? []
    let expected = try Build.id(of: device.layout.versions.appending(link.rawValue).appending("slipway/bin/slipway"))
    guard let answer = try? JSON.decode(Answer.self, line), answer.build == expected else {
      return "apply: it ended without the answer of build \(expected)"
    }
    device.log.info("\(link.rawValue): made a whole poll (build \(expected))")
    return nil
  }

  private static func said(_ result: JobResult) -> String {
    if result.timedOut { return "no end after \(Int(limit)) s" }
    let text = String(decoding: result.output.suffix(300), as: UTF8.self).split(separator: "\n").joined(separator: " ")
    return "\(result.status.map { "exit code \($0)" } ?? "killed") \(text)"
  }

  /// The new apply's half: verifies what its fetch brought, persisting nothing.
  public func answer() async throws -> Answer {
    try device.requireConfiguration()
    let fetch = try Directory.open(device.layout.fetch)
    let scratch = try device.trustedCopy()
    var door = try device.door(FolderBundle(flat: try fetch.directory(Self.folder)), store: scratch)
    try await door.refresh()
    _ = try await door.policy()
    return Answer(build: try Build.id(), timestampVersion: door.trusted?.timestamp?.version ?? 0)
  }
}

import Bundles
import Installation
import Posix
import Product

/// fetch's part of a repair: brings the files of a list that root has written into a folder of their own.
public struct RepairFetch: Sendable {
  struct List: Codable, Sendable {
    var schema = "slipway.repair/1"
    var targets: [TargetReference]
  }

  static let list = "repair.json"
  static let folder = "repair"

  let fetch: Fetch

  public init(_ fetch: Fetch) { self.fetch = fetch }

  public func run() async throws {
    guard let bytes = try Directory.open(fetch.layout.state).read(Self.list, limit: Wanted.limit) else {
      throw InstallationError(
        .malformed, "there is nothing to be repaired", remedy: "run `slipway verify --repair`, which calls this")
    }
    let list = try StoredJSON.decode(List.self, bytes, file: "\(fetch.layout.state)/\(Self.list)")
    let folder = try Directory.open(fetch.layout.fetch)
    try folder.removeTree(Self.folder)
    let into = try folder.makeDirectory(Self.folder, mode: 0o770)
    let partial = try folder.makeDirectory("partial", mode: 0o770)
    try await Poll(fetch, into: into).targets(list.targets, partial: partial)
    try into.synchronizeFileSystem()
  }
}

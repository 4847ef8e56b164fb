import Installation
import Posix
import Product
import Services
import SystemPackage

/// What a change of versions does to the product's data: as the agent's user, in a unit of its own, for the folders are
/// that user's and root opens nothing in them.
struct DataWork: Sendable {
  /// Copying may take as long as apply may.
  static let copyLimit: Double = 3600

  let device: Device
  let change: DataChange

  /// Nil where neither version has data that is looked after.
  init?(_ device: Device, from leaving: ProductManifest, to target: ProductManifest) {
    let change = DataChange(from: leaving, to: target)
    guard change.concernsData else { return nil }
    self.init(device, change)
  }

  /// Whether anything is to be done or not.
  init(_ device: Device, _ change: DataChange) {
    self.device = device
    self.change = change
  }

  /// - Throws: `noSpace`, where copies of the folders do not fit.
  func requireSpace() async throws {
    guard !change.copied.isEmpty else { return }
    let need = try await need()
    // What the machine keeps free besides: as for everything else that is installed.
    let free = SpaceNeed.Volume(
      folder: device.layout.data.string, device: need.device, freeBytes: need.freeBytes, freeInodes: need.freeInodes)
    let demands = SpaceNeed(treeBytes: need.bytes, inodes: need.inodes).demands(versions: free, state: free)
    for demand in demands where !demand.isMet {
      throw InstallationError(
        .noSpace, "\(demand.description) for the copy of the product's data", remedy: demand.remedy)
    }
  }

  /// - Parameter byHand: no program of the target's will be run to change a format.
  /// - Throws: `refused`, where the target can read neither what lies there nor any copy.
  func requireWay(byHand: Bool = false) async throws {
    guard byHand || change.target.version < change.leaving.version else { return }
    let unreadable = byHand ? change.unreadableAsTheyLie : change.unreadable
    guard !unreadable.isEmpty else { return }
    var copies: [SemanticVersion: [String]] = [:]
    for line in try await run("copies", [], limit: 60).split(separator: 10) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ").map(String.init)
      if let version = words.first.flatMap({ try? SemanticVersion($0) }) { copies[version] = Array(words.dropFirst()) }
    }
    guard change.source(among: copies, manifest: { try? device.manifest(of: $0) }) == nil else { return }
    let (old, new) = (change.leaving.version, change.target.version)
    throw UpdatingError(
      .refused,
      "\(new) cannot read the data that \(old) has written (\(unreadable.joined(separator: ", "))), and there is no copy that it can",
      remedy: "stay on \(old); or remove the product with its data, and install \(new)")
  }

  /// Bytes that the copies will take of the file system that `folder` is on.
  func spare(on folder: Directory) async throws -> Int64 {
    guard !change.copied.isEmpty else { return 0 }
    let need = try await need()
    return try folder.freeSpace().device == need.device ? need.bytes : 0
  }

  private func need() async throws -> DataNeed {
    let output = try await run("measure", change.copied.flatMap { ["--folder", $0] }, limit: 300)
    guard let line = output.split(separator: 10).last, let need = try? JSON.decode(DataNeed.self, Array(line)) else {
      throw InstallationError(
        .fileSystem, "the product's data could not be measured: \(String(decoding: output, as: UTF8.self).sanitized())",
        remedy: "look at \(device.layout.data)")
    }
    return need
  }

  /// Before a switch, with the agent stopped: the folders as the target is to find them, and a copy for the way back.
  ///
  /// - Throws: `failedRunningOld` when the target's own program failed: that is the version's fault, all else is not.
  func leave() async throws {
    _ = try await run("leave", versions, limit: Self.copyLimit)
    for (folder, from) in change.migrations { try await migrate(folder, from: from) }
  }

  /// On the way back, with the agent stopped: the folders as the target left them. At boot no unit can be started, and
  /// root renames by itself.
  func comeBack(atBoot: Bool, byHand: Bool) async throws {
    let way = ["--by-hand"].filter { _ in byHand }
    guard atBoot else {
      _ = try await run("return", versions + way, limit: 300)
      return
    }
    try DataMoves(device.layout).comeBack(change.leaving.version, to: change.target.version, byHand: byHand)
  }

  /// After a commit: what is kept belongs to a version that may still be gone back to.
  func settle(atBoot: Bool) async throws {
    if atBoot { return try DataMoves(device.layout).settle(change.target.version) }
    _ = try await run("settle", ["--to", "\(change.target.version)"], limit: 300)
  }

  private var versions: [String] { ["--from", "\(change.leaving.version)", "--to", "\(change.target.version)"] }

  private func run(_ verb: String, _ arguments: [String], limit: Double) async throws -> [UInt8] {
    guard let service = change.leaving.services.first else { return [] }
    let result = try await device.services.run(
      TransientJob(
        command: device.command(.proven, ["data", verb] + arguments), user: service.user,
        sandbox: .data(service, of: device.layout.product), timeLimit: limit))
    guard result.isSuccess else {
      throw InstallationError(
        .fileSystem,
        "the product's data: \(verb) \(Self.ending(result)): \(String(decoding: result.output, as: UTF8.self).sanitized())",
        remedy: "look at \(device.layout.data): all of it must belong to the user \(service.user)")
    }
    return result.output
  }

  private func migrate(_ folder: DataFolder, from: Int) async throws {
    guard let service = change.target.services.first, let program = folder.migrate?.first else { return }
    let tree = device.paths.opt.appending("app-\(change.target.version)")
    device.log.info("data '\(folder.name)' is brought from format \(from) to \(folder.schema)")
    let result = try await device.services.run(
      TransientJob(
        command: [tree.appending(program).string] + (folder.migrate?.dropFirst() ?? []), user: service.user,
        environment: [
          "SLIPWAY_DATA": device.paths.host(FilePath("/var/lib/\(device.layout.product)/\(folder.name)")).string,
          "SLIPWAY_SCHEMA_FROM": "\(from)", "SLIPWAY_SCHEMA_TO": "\(folder.schema)",
        ], directory: tree.string, sandbox: .data(service, of: device.layout.product),
        timeLimit: Double(folder.migrateSeconds)))
    guard !result.isSuccess else { return }
    throw UpdatingError(
      .failedRunningOld,
      "the migration of its data '\(folder.name)' \(Self.ending(result)): \(String(decoding: result.output.suffix(400), as: UTF8.self).sanitized())",
      remedy: "the publisher must mend it; this device keeps \(change.leaving.version) and its data")
  }

  private static func ending(_ result: JobResult) -> String {
    result.timedOut ? "did not end in time" : "ended with \(result.status.map(String.init) ?? "a signal")"
  }
}

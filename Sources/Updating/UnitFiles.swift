import Installation
import Posix
import Product
import Services
import SystemPackage

/// Writes a product's unit files: regular generated files, never links through `current`.
public struct UnitFiles: Sendable {
  let device: Device

  public init(_ device: Device) { self.device = device }

  /// The agent's units, from the tree that is switched to or back to; units that this version no longer has are removed.
  func writeAgent(_ manifest: ProductManifest) throws {
    let files = try Units.agent(manifest, device.paths)
    try replace(files) { $0.hasPrefix("\(manifest.id)-") && $0.hasSuffix(".service") }
  }

  /// The updater's own units; only after a commit, so that the old judge is never replaced by the judged.
  ///
  /// - Returns: sockets that this version no longer has, and that may still be listened on.
  @discardableResult
  func writeUpdater(_ manifest: ProductManifest) throws -> [String] {
    try replace(try Units.updater(asWished(manifest), device.paths)) { $0.hasPrefix("slipway-") }.filter {
      $0.hasSuffix(".socket")
    }
  }

  /// Writes `files`, and removes those of the same kind that were written before and are not among them.
  @discardableResult
  private func replace(_ files: [UnitFile], ofKind isOfKind: (String) -> Bool) throws -> [String] {
    let ours = Set(files.map(\.name))
    let undo = UndoList(in: try Directory.open(device.layout.state))
    let folder = try folder()
    try write(files, in: folder, undo: undo)
    var removed: [String] = []
    for case .unit(let name) in try undo.entries() where isOfKind(name) && !ours.contains(name) {
      try disable(name, in: folder)
      guard try folder.status(name) != nil else { continue }
      try folder.unlink(name)
      removed.append(name)
    }
    return removed
  }

  /// Times that the admin has changed since the units were written.
  func followWishes() async throws {
    guard try writePolls() else { return }
    try await device.services.reload()
    try await device.services.restart([ProcessPlan.Unit.fetchTimer(device.layout.product)], noBlock: true)
  }

  /// The timer of polls as the admin wishes it now.
  /// - Returns: whether it has become another.
  func writePolls() throws -> Bool {
    guard device.configurationFault == nil, let proven = try VersionStore(device.layout).version(.proven) else {
      return false
    }
    let file = try Units.polls(asWished(try device.manifest(of: proven)))
    let folder = try folder()
    guard let before = try folder.read(file.name, limit: 1 << 20), before != Array(file.text.utf8) else { return false }
    try DurableFile.write(Array(file.text.utf8), file.name, in: folder)
    return true
  }

  private func asWished(_ manifest: ProductManifest) -> ProductManifest {
    guard device.configurationFault == nil else { return manifest }
    var wished = manifest
    wished.updates = device.configuration.updates(for: manifest)
    return wished
  }

  private func folder() throws -> Directory {
    try Directory.make(device.layout.units, below: device.layout.root)
  }

  /// A file that stands there word for word is left alone: its time tells systemd whether to read it again.
  private func write(_ files: [UnitFile], in folder: Directory, undo: UndoList) throws {
    try undo.note(files.map { .unit($0.name) })
    for file in files {
      if try folder.read(file.name, limit: 1 << 20) != Array(file.text.utf8) {
        try DurableFile.write(Array(file.text.utf8), file.name, in: folder)
      }
      // Enabled by the link that systemctl would make: it also works where no systemd runs.
      guard let target = file.wantedBy else { continue }
      let wants = try folder.makeDirectory("\(target).wants", mode: 0o755)
      let link = "../\(file.name)"
      if try wants.status(file.name) == nil { try wants.makeLink(file.name, to: link) }
    }
    try folder.synchronize()
  }

  private func disable(_ name: String, in folder: Directory) throws {
    for wants in try folder.names() where wants.hasSuffix(".wants") {
      guard try folder.status(wants)?.kind == .directory else { continue }
      let directory = try folder.directory(wants)
      if try directory.status(name)?.kind == .link { try directory.unlink(name) }
    }
  }
}

extension ProductManifest {
  /// The names of the agent's units.
  public var agentUnits: [String] { services.map { $0.unit(of: id) } }
}

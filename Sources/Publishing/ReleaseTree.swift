import Archives
import Glibc
import Posix
import Product
import SystemPackage

/// The tree that is packed: the publisher's own, and the updater under `slipway/`.
struct ReleaseTree {
  static let updaterPath = "slipway/bin/slipway"

  let manifest: TreeManifest
  /// Where each entry's bytes are: either the publisher's folder as it is, or an assembled copy.
  let path: FilePath

  /// Scans `tree` and adds the updater, in the empty folder `staging` where there is one to add.
  ///
  /// Errors: invalidInput, and `ArchiveError` naming the entry.
  init(
    tree: FilePath, updater: FilePath?, release: ReleaseIdentity, specialModes: [String],
    staging: () throws -> Directory
  )
    throws
  {
    var special: Set<EntryPath> = []
    for name in specialModes { special.insert(try EntryPath(name)) }
    let scanner = TreeScanner(
      id: release.id.text, version: release.version.description, platform: release.platform.text, specialModes: special)
    let own = try Self.scan(tree, scanner)
    let bringsUpdater = own.entries.contains { $0.path.string == "slipway" || $0.path.string.hasPrefix("slipway/") }
    guard let updater else {
      try Self.checkUpdater(own, of: release.platform, in: tree, at: tree)
      (manifest, path) = (own, tree)
      return
    }
    guard !bringsUpdater else {
      throw PublishingError(
        .invalidInput, "\(tree)/slipway: the tree brings an updater of its own, and --updater names another",
        remedy: "leave out one of the two")
    }
    let assembly = try staging()
    try Assembly.copy(own, from: tree, to: assembly)
    try Self.add(updater, to: assembly)
    path = FilePath(assembly.path)
    manifest = try Self.scan(path, scanner)
    try Self.checkUpdater(manifest, of: release.platform, in: path, at: updater)
  }

  /// Every program that the manifest starts must be an executable file of the tree.
  func check(_ product: ProductManifest, manifest file: FilePath) throws {
    for service in product.services {
      guard let program = service.command.first, !program.hasPrefix("/") else { continue }
      guard Self.isExecutable(program, in: manifest) else {
        throw PublishingError(
          .invalidInput,
          "\(file): the service '\(service.name)' starts '\(program)', which is not an executable file of the tree",
          remedy: "put it there with its x bit set, or correct the manifest")
      }
    }
    for folder in product.data {
      guard let program = folder.migrate?.first, !program.hasPrefix("/") else { continue }
      guard Self.isExecutable(program, in: manifest) else {
        throw PublishingError(
          .invalidInput,
          "\(file): data '\(folder.name)' is migrated by '\(program)', which is not an executable file of the tree",
          remedy: "put it there with its x bit set, or correct the manifest")
      }
    }
  }

  private static func scan(_ tree: FilePath, _ scanner: TreeScanner) throws -> TreeManifest {
    do {
      _ = try Directory.following(tree)
      return try scanner.scan(FilePath(tree.string + "/."))
    } catch let error as PosixError where error.isNotFound {
      throw PublishingError(
        .invalidInput, "\(tree): there is no such folder", remedy: "name the tree to pack with --tree")
    }
  }

  /// A folder that is laid out as the updater's (`bin/slipway`) is taken whole; of any other only its `slipway`.
  private static func add(_ updater: FilePath, to assembly: Directory) throws {
    let slipway = try assembly.makeDirectory("slipway", mode: 0o755)
    if let folder = try? Directory.following(updater) {
      if try folder.directoryIfThere(["bin"])?.status("slipway") != nil {
        let scanner = TreeScanner(id: "", version: "", platform: "")
        try Assembly.copy(try scan(updater, scanner), from: updater, to: slipway)
        return
      }
      return try add(updater.appending("slipway"), to: assembly)
    }
    let source: FileDescriptor
    do {
      source = try FileDescriptor.open(updater, .readOnly, options: [.closeOnExec, .nonBlocking])
    } catch {
      throw PublishingError(
        .invalidInput, "\(updater): the updater cannot be read (\(error))",
        remedy: "name the `slipway` executable for the platform, or the folder that holds it, with --updater")
    }
    defer { try? source.close() }
    try Assembly.copy(source, "slipway", to: try slipway.makeDirectory("bin", mode: 0o755), mode: 0o555)
  }

  /// `place` is for people: where the updater came from.
  private static func checkUpdater(
    _ manifest: TreeManifest, of platform: Platform, in tree: FilePath, at place: FilePath
  ) throws {
    guard isExecutable(updaterPath, in: manifest) else {
      throw PublishingError(
        .invalidInput, "\(place): without the updater (\(updaterPath)) a device could never update again",
        remedy: "name the `slipway` executable for the platform with --updater")
    }
    try MachineCode.require(platform, of: tree.appending(updaterPath), at: place)
  }

  private static func isExecutable(_ path: String, in manifest: TreeManifest) -> Bool {
    manifest.entries.contains { entry in
      guard entry.path.string == path else { return false }
      return if case .file(let mode, _, _) = entry.kind { mode & 0o111 != 0 } else { false }
    }
  }
}

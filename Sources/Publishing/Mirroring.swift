import Bundles
import Posix
import Product
import SystemPackage
import TUF
import Transport

/// Keeps a verified copy of what one place needs of a repository on the web, for devices behind a thin line.
///
/// All metadata, but only the targets of ``MirrorNeeds``. The copy is a repository like any other, and what it says is at
/// the same time what it trusts: no state stands beside it that could disagree. As in a publication, the timestamp comes
/// last, so a reader at any instant sees the old state or the new one, and whatever interrupts a run, the next goes on.
public struct Mirroring: Sendable {
  public let origin: RepositoryBase
  public let directory: FilePath
  public let needs: MirrorNeeds
  /// For how many seconds a file stays that nothing needs any more.
  public let grace: Int64
  /// Seconds since 1970.
  public let now: Int64

  public init(
    _ origin: RepositoryBase, to directory: FilePath, needs: MirrorNeeds = .init(), grace: Int64 = 14 * 86_400,
    now: Int64
  ) {
    self.origin = origin
    self.directory = directory
    self.needs = needs
    self.grace = grace
    self.now = now
  }

  public struct Result: Sendable, Equatable {
    /// Version of the timestamp that readers see now.
    public let version: Int
    /// Releases that the copy has, in order.
    public let releases: [ReleaseIdentity]
    /// Files brought or replaced by this run, and their bytes.
    public let files: Int
    public let bytes: Int64
    /// Paths that nothing needed any more.
    public let removed: [String]
    /// Those within their grace period.
    public let waiting: [String]
    /// Delegated roles that have expired: devices take nothing new from them.
    public let expired: [String]
    /// Products whose channels or policy cannot be followed, with the reason: of these, what was there is kept as it was.
    public let faults: [ProductID: String]
  }

  /// `trustRoot` is a root that is known to be the publisher's; nil: the copy that is there is gone on with.
  ///
  /// Errors: untrusted, noRepository, locked, conflict, those of `TUFError` (an older state is `rollback`), and
  /// `TransportError`.
  public func run(trustRoot: [UInt8]? = nil, by downloader: Downloader) async throws -> Result {
    try claim()
    let repository = try Repository.openOrMake(directory)
    let lock = try repository.lock()
    defer { withExtendedLifetime(lock) {} }
    let web = MirrorOrigin(origin, downloader: downloader)
    let contents = try await refreshed(repository, from: trustRoot, web)
    // As every device will see it, from the first root on.
    let expired = try await contents.checkAsClient(now: now)
    try requireNames(contents)
    let incoming = try repository.root.makeDirectory(".incoming", mode: 0o700)
    var bring = Bring(repository: repository, web: web, incoming: incoming)
    let needed = try await targets(contents, &bring)
    try requireAll(needed.releases)
    let publication = Publication(to: directory, now: now)
    let metadata = try publication.write(
      contents, to: repository.metadata, isRootLast: try publication.compare(contents, with: repository.metadata))
    try repository.root.removeTree(".incoming")
    var kept = try contents.metadataPaths()
    var targets = needed.targets
    for id in needed.faults.keys {
      for role in [id.role, id.rolloutRole] { targets += try contents.editor.references(of: role) }
    }
    kept.formUnion(targets.map { "targets/\(Repository.path(of: $0))" })
    let pruned = try Pruning(grace: grace).sweep(repository, keeping: kept, now: now)
    return Result(
      version: try contents.editor.header(of: "timestamp")?.version ?? 0, releases: needed.releases,
      files: bring.files + metadata.files, bytes: bring.bytes + metadata.bytes, removed: pruned.removed,
      waiting: pruned.waiting, expired: expired, faults: needed.faults.mapValues { "\($0)" })
  }

  /// Marks a new or empty folder as a mirror: what a mirror does not need, it removes, and so it never takes over a folder
  /// with something in it.
  ///
  /// Errors: usage.
  private func claim() throws {
    let folder = try Directory.making(directory, mode: 0o755)
    if try folder.status(Self.mark) != nil { return }
    guard try folder.names().isEmpty else {
      throw PublishingError(
        .usage, "\(directory): there is something in this folder, and it is no mirror (it has no \(Self.mark))",
        remedy:
          "name a new or an empty folder: what a mirror does not need is removed from it; a mirror made before there were marks is taken on with `touch \(directory)/\(Self.mark)`"
      )
    }
    try DurableFile.write([], Self.mark, in: folder)
  }

  static let mark = ".mirror"

  /// A name that was mistyped must not empty a copy.
  ///
  /// Errors: usage.
  private func requireAll(_ releases: [ReleaseIdentity]) throws {
    try require(needs.platforms.subtracting(releases.map(\.platform)).map { "platform \($0)" })
  }

  /// The same for what the metadata names, before anything is brought.
  private func requireNames(_ contents: Contents) throws {
    let products = try ProductState.products(of: contents.editor)
    try require(needs.products.subtracting(products).map { "product \($0)" })
    let named = products.filter(needs.names)
    var targets: Set<String> = []
    for id in named where contents.editor.roles.contains(id.rolloutRole) {
      targets.formUnion(try contents.editor.references(of: id.rolloutRole).map(\.name))
    }
    let missing = needs.channels.filter { channel in
      !named.contains { targets.contains(TargetNames.channel(channel, of: $0)) }
    }
    try require(missing.map { "channel \($0)" })
  }

  private func require(_ missing: [String]) throws {
    guard let first = missing.min() else { return }
    throw PublishingError(
      .usage, "the repository has nothing for \(first); nothing was removed from \(directory)",
      remedy: "correct the name, or leave it out to mirror everything")
  }

  /// The repository's metadata as it is now, verified from what is trusted here.
  private func refreshed(
    _ repository: Repository, from trustRoot: [UInt8]?, _ web: MirrorOrigin
  ) async throws -> Contents {
    let store = MemoryStore(try await trusted(repository, trustRoot, web))
    var client = Client(source: web, store: store, now: now)
    let set = try await client.refresh()
    // Roots before the trusted one, which devices that know an older one go by: whether they lead here is looked at with
    // everything else.
    for version in 1..<max(set.root.version, 1) { _ = try await web.required("\(version).root.json") }
    // Whether a product's role has expired is for its devices to judge, and no reason to keep others waiting.
    let delegated = (set.targets?.metadata.delegations?.roles ?? []).map(\.name).filter {
      set.snapshot?.metadata.meta["\($0).json"] != nil
    }
    var lenient = Client(
      source: web, store: store, now: now,
      freshness: .offline(maximumAge: .max, waivedRoles: Set(delegated)))
    for role in delegated { _ = try await lenient.targets(signedBy: role) }
    var files = await web.metadata
    // Of the same version the trusted one stays, whatever the server's says (TUF, 5.4.3.1).
    files["timestamp.json"] = store.load("timestamp")
    return try Contents(files)
  }

  /// By role: what the copy that is there says, or the root that was given.
  private func trusted(
    _ repository: Repository, _ trustRoot: [UInt8]?, _ web: MirrorOrigin
  ) async throws -> [String: [UInt8]] {
    let root = try trustRoot.map { ("\(try TrustedSet(root: $0).root.version).root.json", $0) }
    guard try repository.metadata.status("timestamp.json") != nil else {
      guard let (name, bytes) = root else {
        throw PublishingError(
          .untrusted, "\(directory): there is no copy here yet, and so nothing says whom to trust",
          remedy: "give the publisher's root with --trust-root FILE")
      }
      await web.know([name: bytes])
      return ["root": bytes]
    }
    let before = try Contents(repository)
    if let (name, bytes) = root, before.files[name] != bytes {
      throw PublishingError(
        .untrusted, "\(directory): the copy here does not come from the root that was given",
        remedy: "name another folder, or the right root")
    }
    await web.know(before.files.filter { $0.key != "timestamp.json" })
    return Dictionary(
      uniqueKeysWithValues: try before.editor.roles.map { role in
        let version = try before.editor.header(of: role)?.version ?? 0
        return (role, before.files[role == "timestamp" ? "timestamp.json" : "\(version).\(role).json"] ?? [])
      })
  }

  private struct Needed {
    var targets: [TargetReference] = []
    var releases: [ReleaseIdentity] = []
    var faults: [ProductID: any Error] = [:]
  }

  /// Brings what is needed of every product. One whose documents are malformed keeps no other product's devices waiting.
  ///
  /// Errors: those of the first product where none can be followed, and at once those of server and disk.
  private func targets(_ contents: Contents, _ bring: inout Bring) async throws -> Needed {
    var needed = Needed()
    let products = try ProductState.products(of: contents.editor).filter(needs.names)
    for id in products {
      do {
        try await targets(of: ProductState(id, contents.editor, bring.repository), &needed, &bring)
      } catch let error as PublishingError where error.code == .untrusted {
        needed.faults[id] = error
      } catch let error as ProductError {
        needed.faults[id] = error
      }
    }
    if needed.faults.count == products.count, let first = products.first, let error = needed.faults[first] {
      throw error
    }
    return needed
  }

  /// First what says what that is.
  private func targets(of state: ProductState, _ needed: inout Needed, _ bring: inout Bring) async throws {
    guard let policy = try state.target(TargetNames.policy(state.id)) else { return }
    let small = [policy] + (try state.channelTargets()).filter { needs.names($0, of: state.id) }
    for target in small { try await bring(target) }
    guard let rules = try state.policy() else { return }
    let wanted = needs.releases(
      rules, try state.channels { needs.names($0, of: state.id) }.map(\.value), try state.releases())
    for release in wanted {
      guard let parts = try state.targets(of: release) else { continue }
      for target in parts.all { try await bring(target) }
      needed.targets += parts.all
      needed.releases.append(release)
    }
    needed.targets += small
  }
}

import Bundles
import Glibc
import Posix
import Product
import SystemPackage
import TUF
import Transport

/// A repository on the web, each of whose metadata files is asked for once: one run sees one state of it.
actor MirrorOrigin: MetadataSource {
  private let base: RepositoryBase
  private let downloader: Downloader
  /// By name; nil: the server has none.
  private var answers: [String: [UInt8]?] = [:]

  init(_ base: RepositoryBase, downloader: Downloader) {
    self.base = base
    self.downloader = downloader
  }

  /// What need not be asked for.
  func know(_ files: [String: [UInt8]]) { answers.merge(files) { $1 } }

  /// All files so far, byte for byte.
  var metadata: [String: [UInt8]] { answers.compactMapValues { $0 } }

  func metadata(named name: String, maximumLength: Int) async throws -> [UInt8]? {
    if let known = answers[name] { return known }
    do {
      let bytes = try await downloader.small(
        name, from: [base.rawValue + "metadata/"], maximumLength: maximumLength)
      guard bytes != nil || name != "timestamp.json" else {
        throw PublishingError(
          .noRepository, "\(base.rawValue)metadata/: there is no repository (no timestamp.json)",
          remedy: "name what lies above the repository's metadata/ and targets/")
      }
      answers[name] = .some(bytes)
      return bytes
    } catch let error as TransportError where error.code == .tooLarge {
      throw TUFError(.tooLong, error.description)
    }
  }

  /// A root that must be there. Errors: noRepository.
  func required(_ name: String) async throws -> [UInt8] {
    guard let bytes = try await metadata(named: name, maximumLength: Limits.standard.root) else {
      throw PublishingError(
        .noRepository, "\(base.rawValue)metadata/\(name) is missing, which devices need that know an older root",
        remedy: "tell the publisher: roots are published for ever")
    }
    return bytes
  }

  /// Brings a target into `file`, going on where an earlier run stopped.
  nonisolated func bring(_ target: TargetReference, to file: FilePath) async throws {
    try await downloader.download(
      Repository.path(of: target), from: [base.rawValue + "targets/"], to: file, expectedLength: target.length,
      sha256: target.sha256)
  }
}

/// Brings targets that are not there yet, or not as signed; each has its name only once it is whole and verified.
struct Bring {
  let repository: Repository
  let web: MirrorOrigin
  /// Where they lie until then.
  let incoming: Directory
  private(set) var files = 0
  /// Bytes of whole files.
  private(set) var bytes: Int64 = 0

  init(repository: Repository, web: MirrorOrigin, incoming: Directory) {
    self.repository = repository
    self.web = web
    self.incoming = incoming
  }

  /// Errors: `TransportError`, `wrongContent` where the server's file is not the signed one; untrusted for a name that would
  /// lead out of its folder.
  mutating func callAsFunction(_ target: TargetReference) async throws {
    let parts = target.name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { ["", ".", ".."].contains($0) }) else {
      throw PublishingError(
        .untrusted, "\(target.name): no name that a target may have (an empty part, . or ..)",
        remedy: "tell the publisher; the copy here still says what was verified before")
    }
    if try repository.problem(of: target) == nil { return }
    let name = target.sha256.hex
    try await web.bring(target, to: FilePath(incoming.path).appending(name))
    let (folder, last) = Repository.place(of: target.name, target.sha256)
    let directory = try repository.targets.makeDirectories(folder)
    try makeReadable(name)
    try incoming.rename(name, to: directory, as: last)
    try directory.synchronize()
    files += 1
    bytes += target.length
  }

  /// For the web server, whatever the umask.
  private func makeReadable(_ name: String) throws {
    let file = try incoming.open(name)
    defer { try? file.close() }
    guard fchmod(file.rawValue, 0o644) == 0 else {
      throw PosixError("chmod", "\(incoming.path)/\(name)", code: errno)
    }
  }
}

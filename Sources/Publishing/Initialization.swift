import Posix
import SystemPackage
import TUF

/// Makes a new repository and the keys for it.
public struct Initialization {
  /// How many root keys must sign; one more than that is made.
  public let threshold: Int
  private static let marker = "init.unfinished"

  public init(threshold: Int = 2) { self.threshold = threshold }

  public struct Result: Sendable, Equatable {
    public let rootKeys: Int
    public let threshold: Int
    /// SHA-256 of 1.root.json: what devices pin.
    public let fingerprint: String
  }

  /// Errors: exists (a repository or keys are there), invalidInput, passphraseMissing.
  public func run(repository path: FilePath, keys folder: KeyFolder, signing: Signing) throws -> Result {
    guard (1...16).contains(threshold) else {
      throw PublishingError(.invalidInput, "--threshold \(threshold): 1 to 16 root keys can be asked for")
    }
    let repository = try Repository.create(path)
    return try repository.locked { try fill(repository, folder, signing) }
  }

  private func fill(_ repository: Repository, _ folder: KeyFolder, _ signing: Signing) throws -> Result {
    let keys = try claim(folder)
    var signing = signing
    var editor = try RepositoryEditor(
      rootExpires: signing.lifetimes.expiry(of: "root", now: signing.now),
      targetsExpires: signing.lifetimes.expiry(of: "targets", now: signing.now))
    for role in TopLevelRole.allCases {
      let isRoot = role == .root
      let appointees = try signing.appointees(of: role.rawValue, count: isRoot ? threshold + 1 : 1)
      try editor.appoint(appointees, threshold: isRoot ? threshold : 1, to: role)
    }
    try signing.publish(&editor, in: repository)
    try keys.unlink(Self.marker)
    let root = try repository.read("1.root.json") ?? []
    return Result(rootKeys: threshold + 1, threshold: threshold, fingerprint: try Fingerprint.of(root))
  }

  /// Refuses a folder that holds keys already, but for those of an initialization that was interrupted.
  private func claim(_ folder: KeyFolder) throws -> Directory {
    let directory = try Directory.making(folder.path, mode: 0o700)
    guard try directory.status(Self.marker) == nil else { return directory }
    for name in ["root", "targets", "online"] where try directory.status(name) != nil {
      throw PublishingError(
        .exists, "\(folder.path)/\(name): there are keys here already; they are left as they are",
        remedy: "name another folder for the keys of the new repository")
    }
    try DurableFile.write([], Self.marker, in: directory, mode: 0o600)
    return directory
  }
}

import Bundles
import Cryptography
import Posix
import Product
import SystemPackage
import TUF

/// Makes the files that carry one release to a device: a one-file bundle, or a Setup file around one.
public struct Bundling: Sendable {
  public let release: ReleaseIdentity
  /// Seconds since 1970: what has expired by then is not shipped.
  public let now: Int64

  public init(_ release: ReleaseIdentity, now: Int64) {
    self.release = release
    self.now = now
  }

  public struct Result: Sendable, Equatable {
    /// Bytes.
    public let length: Int64
    public let sha256: SHA256Digest
    /// SHA-256 of the newest root: what `slipway-setup --expect-root` takes.
    public let rootFingerprint: String
  }

  /// Writes a one-file bundle. Errors: unsigned, damaged, and `TUFError` where a client would refuse it.
  public func bundle(repository path: FilePath, to output: FilePath) async throws -> Result {
    let contents = try Contents(Repository.open(path))
    let output = try OutputFile(output)
    defer { output.remove("bundle") }
    let file = try await write(contents, Repository.open(path), output)
    try output.commit("bundle", file, mode: 0o644)
    return try Self.result(of: file, output, contents)
  }

  /// Writes a Setup file: `executable`, root, the bundle. Errors: as above, and invalidInput for the executable.
  public func setup(repository path: FilePath, executable: FilePath, to output: FilePath) async throws -> Result {
    try Self.check(executable)
    let contents = try Contents(Repository.open(path))
    let output = try OutputFile(output)
    defer {
      output.remove("bundle")
      output.remove("setup")
    }
    _ = try await write(contents, Repository.open(path), output)
    let file = try output.make("setup")
    try SetupFile.write(
      executable: executable, root: try contents.newestRoot(), bundle: output.place("bundle"), to: file,
      name: output.path.string)
    guard try SetupFile(file, name: output.path.string) != nil else {
      throw PublishingError(.damaged, "\(output.path): what was written cannot be read back", remedy: "try it again")
    }
    try output.commit("setup", file, mode: 0o755)
    return try Self.result(of: file, output, contents)
  }

  private func write(_ contents: Contents, _ repository: Repository, _ output: OutputFile) async throws -> OpenFile {
    let state = ProductState(release.id, contents.editor, repository)
    guard let targets = try state.targets(of: release), let policy = try state.target(TargetNames.policy(release.id))
    else {
      let there = try state.releases().versions.map(\.description).joined(separator: ", ")
      throw PublishingError(
        .unsigned, "\(release.id) \(release.version) for \(release.platform) is not in the repository",
        remedy: there.isEmpty ? "pack it first" : "pack it first; there are \(there)")
    }
    var files: [SHA256Digest: FilePath] = [:]
    for target in try targets.all + [policy] + state.channelTargets() {
      try repository.require(target)
      files[target.sha256] = repository.file(of: target)
    }
    let file = try output.make("bundle")
    let metadata = try contents.files(for: release.id)
    try BundleWriter.write(metadata: metadata, targets: files, to: file.descriptor, name: output.path.string)
    // Judged as a device will judge it, before it leaves the house.
    let bundle = try FileBundle(output.place("bundle"))
    let roles = [release.id.role, release.id.rolloutRole]
    try await Contents.check(bundle, root: metadata["1.root.json"] ?? [], now: now, roles: roles)
    return file
  }

  private static func check(_ executable: FilePath) throws {
    let problem: String
    do {
      let file = OpenFile(try FileDescriptor.open(executable, .readOnly, options: [.closeOnExec, .nonBlocking]))
      guard try file.descriptor.status(executable.string).kind == .file else {
        throw PosixError("open (not a file)", executable.string, code: 22)
      }
      if try SetupFile(file, name: executable.string) == nil { return }
      problem = "it is a finished Setup file already"
    } catch {
      problem = "it cannot be read (\(error))"
    }
    throw PublishingError(
      .invalidInput, "\(executable): \(problem)",
      remedy: "name the bare `slipway-setup` for the platform with --setup-binary")
  }

  private static func result(of file: OpenFile, _ output: OutputFile, _ contents: Contents) throws -> Result {
    let (length, digest) = try file.descriptor.contentHash(path: output.path.string)
    return Result(length: length, sha256: digest, rootFingerprint: try Fingerprint.of(try contents.newestRoot()))
  }
}

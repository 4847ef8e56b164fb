/// The exit codes that scripts and management tooling rely on; the table is in the contract and never changes meaning.
public enum ExitCode: Int32, Sendable, CaseIterable {
  /// Done, or nothing to do.
  case success = 0
  case unexpected = 1
  /// `update --check` found an update.
  case updateAvailable = 2
  case licenceNotAccepted = 10
  case notElevated = 11
  case tpm = 12
  case accountMissing = 13
  case networkOrProxy = 14
  case otherPrerequisite = 15
  /// Signature, trust, length or hash.
  case untrusted = 20
  case metadataExpired = 21
  case archiveRefused = 22
  case repositoryUnreachable = 23
  /// Wrong product, platform or schema.
  case wrongProduct = 24
  case diskSpace = 30
  case fileSystem = 31
  /// Another run holds the lock.
  case locked = 32
  /// The installed tree is damaged, or cannot be repaired.
  case damaged = 33
  /// The new version failed; the old one runs.
  case rolledBack = 40
  /// The roll-back failed: needs a person.
  case rollBackFailed = 41
  /// No version to go back to; the first installation failed.
  case noWayBack = 42
  case enrolmentRefused = 50
  case portalUnreachable = 51
  case notInstalled = 60
  case usage = 64
  /// A malformed manifest, key or bundle container.
  case malformedInput = 65
  /// Halted, blocked or known-bad.
  case forbiddenVersion = 70
  /// Busy, hold or window.
  case deferred = 75
  case malformedConfiguration = 78
  /// SIGINT.
  case interrupted = 130
  /// SIGTERM.
  case terminated = 143
}

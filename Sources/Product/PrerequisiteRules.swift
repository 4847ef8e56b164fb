/// The checks before an installation; the ids are those of `slipway check`.
public enum CheckID: String, Codable, Sendable, CaseIterable {
  case elevation, tpm, accounts, proxy, network, disk, os, clock, libraries, services
}

/// What a product needs of the device; checked and named in the remedy, never installed or changed by Slipway.
public struct PrerequisiteRules: Equatable, Sendable, Codable {
  public enum TPM: String, Codable, Sendable, CaseIterable { case required, optional, ignored }

  /// An operating system by os-release's ID, and the VERSION_IDs accepted; no versions means any.
  public struct OperatingSystem: Equatable, Sendable, Codable {
    public var id: String
    public var versions: [String]

    public init(id: String, versions: [String] = []) {
      self.id = id
      self.versions = versions
    }
  }

  /// A host that the agent must be able to reach.
  public struct Endpoint: Equatable, Sendable, Codable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }
  }

  public var tpm: TPM
  /// Local accounts; all must exist.
  public var accounts: [String]
  /// Free space needed beyond what the installation itself takes, in bytes.
  public var diskMinimumBytes: Int64
  /// Accepted systems; empty means any.
  public var os: [OperatingSystem]
  /// Distribution packages that must be installed, by os-release's ID.
  public var packages: [String: [String]]
  public var network: [Endpoint]
  /// Checks that `--skip` cannot leave out.
  public var required: [CheckID]

  public init(
    tpm: TPM = .ignored, accounts: [String] = [], diskMinimumBytes: Int64 = 0, os: [OperatingSystem] = [],
    packages: [String: [String]] = [:], network: [Endpoint] = [], required: [CheckID] = []
  ) {
    self.tpm = tpm
    self.accounts = accounts
    self.diskMinimumBytes = diskMinimumBytes
    self.os = os
    self.packages = packages
    self.network = network
    self.required = required
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      tpm: try container.value(.tpm, or: .ignored),
      accounts: try container.value(.accounts, or: []),
      diskMinimumBytes: try container.value(.diskMinimumBytes, or: 0),
      os: try container.value(.os, or: []),
      packages: try container.value(.packages, or: [:]),
      network: try container.value(.network, or: []),
      required: try container.value(.required, or: []))
  }
}

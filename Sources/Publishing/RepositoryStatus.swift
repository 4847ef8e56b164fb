import Posix
import Product
import SystemPackage
import TUF

/// What a repository holds, for people and for machines (`slipway.repository/1`).
public struct RepositoryStatus: Sendable, Codable {
  public var schema = "slipway.repository/1"
  public let repository: String
  public let roles: [Role]
  public let products: [Product]
  /// What somebody has to do before something expires, the most urgent first.
  public let warnings: [Warning]

  public struct Warning: Sendable, Codable {
    public let role: String
    public let expires: String
    /// `soon` or `expired`.
    public let expiry: String
    public let message: String
    public let remedy: String
  }

  public struct Role: Sendable, Codable {
    public let role: String
    public let version: Int
    public let expires: String
    /// `fresh`, `soon` (sign it anew now) or `expired`.
    public let expiry: String
    /// Valid signatures by distinct keys.
    public let signatures: Int
    public let threshold: Int
    /// Ids of the keys that can sign it.
    public let keys: [String]
  }

  public struct Product: Sendable, Codable {
    public let id: String
    public let releases: [Release]
    public let floor: String?
    public let blocked: [String]
    public let channels: [Channel]
  }

  public struct Release: Sendable, Codable {
    public let version: String
    public let platforms: [String]
  }

  public struct Channel: Sendable, Codable {
    public let channel: String
    public let offers: [Offer]
  }

  public struct Offer: Sendable, Codable {
    public let platform: String
    public let version: String
    public let percent: Int
    public let rings: [String]
    public let notBefore: String?
    public let halted: [String]
  }

  /// `now` is in seconds since 1970; `ahead` seconds before it expires a role does so soon, or a quarter of its lifetime and
  /// at most 60 days where that is nil.
  public init(of path: FilePath, now: Int64, ahead: Int64? = nil, lifetimes: Lifetimes = .standard) throws {
    let repository = try Repository.open(path)
    let editor = try repository.editor()
    self.repository = path.string
    roles = try editor.roles.compactMap { role in
      guard let header = try editor.header(of: role), let count = try editor.signatures(of: role).first else {
        return nil
      }
      return Role(
        role: role, version: header.version, expires: Timestamp(seconds: header.expires).description,
        expiry: Self.expiry(
          header.expires, ahead: ahead ?? min(lifetimes[Lifetimes.kind(of: role)] / 4, 60 * 86_400), now: now),
        signatures: count.have, threshold: count.threshold, keys: try editor.authority(of: role).usable)
    }
    warnings = Self.warnings(roles)
    products = try ProductState.products(of: editor).map { try Product(ProductState($0, editor, repository)) }
  }

  private static func expiry(_ expires: Int64, ahead: Int64, now: Int64) -> String {
    if expires <= now { return "expired" }
    return expires - now < ahead ? "soon" : "fresh"
  }

  private static func warnings(_ roles: [Role]) -> [Warning] {
    roles.filter { $0.expiry != "fresh" }.sorted { ($0.expires, $0.role) < ($1.expires, $1.role) }.map { role in
      let isOnline = ["snapshot", "timestamp"].contains(role.role)
      return Warning(
        role: role.role, expires: role.expires, expiry: role.expiry,
        message: role.expiry == "expired"
          ? "\(role.role) has expired, \(role.expires): \(Lifetimes.loss(of: role.role))"
          : "\(role.role) expires soon: \(role.expires)",
        remedy: isOnline
          ? "`slipway-release resign`; see that its timer runs"
          : "`slipway-release resign --role \(role.role)` with its keys, or with --propose FILE to sign it in steps")
    }
  }
}

extension RepositoryStatus.Product {
  init(_ state: ProductState) throws {
    let releases = try state.releases()
    let policy = try state.policy()
    id = state.id.text
    self.releases = releases.versions.map { version in
      RepositoryStatus.Release(
        version: version.description, platforms: releases.platforms(of: version).sorted().map(\.text))
    }
    floor = policy?.floor?.description
    blocked = policy?.blocked.map(\.description) ?? []
    channels = try state.channels().sorted { $0.key < $1.key }.map { name, channel in
      RepositoryStatus.Channel(
        channel: name,
        offers: channel.platforms.sorted { $0.key < $1.key }.map { platform, offer in
          RepositoryStatus.Offer(
            platform: platform.text, version: offer.version.description, percent: offer.percent, rings: offer.rings,
            notBefore: offer.notBefore?.description, halted: offer.halts.map(\.version.description))
        })
    }
  }
}

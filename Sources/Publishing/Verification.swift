import Archives
import Bundles
import Product
import SystemPackage
import TUF

/// Looks at a whole repository as clients will, and goes on after the first fault.
public struct Verification: Sendable {
  /// Seconds since 1970.
  public let now: Int64

  public init(now: Int64) { self.now = now }

  /// One fault.
  public struct Problem: Sendable, Codable, Equatable {
    public enum Kind: String, Sendable, Codable { case untrusted, expired, damaged, inconsistent }
    public let kind: Kind
    /// A role, a target or a file.
    public let place: String
    public let message: String
  }

  public struct Report: Sendable {
    public internal(set) var problems: [Problem] = []
    public internal(set) var roles = 0
    public internal(set) var targets = 0
    /// A mirror: what it need not have is no fault.
    public internal(set) var isPartial = false

    mutating func add(_ kind: Problem.Kind, _ place: String, _ message: String) {
      let problem = Problem(kind: kind, place: place, message: message)
      if !problems.contains(problem) { problems.append(problem) }
    }
  }

  /// Throws only where nothing can be looked at: noRepository, malformed metadata.
  public func run(repository path: FilePath) async throws -> Report {
    let repository = try Repository.open(path)
    let contents = try Contents(repository)
    let editor = contents.editor
    var report = Report()
    report.isPartial = try repository.root.status(Mirroring.mark) != nil
    for role in editor.roles {
      report.roles += 1
      for count in try editor.signatures(of: role) where !count.isMet {
        report.add(.untrusted, role, "valid signatures by \(count.have) keys; \(count.threshold) are needed")
      }
      for keyid in try editor.authority(of: role).unusable {
        report.add(.inconsistent, role, "the key \(keyid) may sign it, but nobody can: it is not listed, or not usable")
      }
      if let expires = try editor.header(of: role)?.expires, expires <= now {
        report.add(
          .expired, role,
          "expired \(Timestamp(seconds: expires)): \(Lifetimes.loss(of: role)), with `slipway-release resign`")
      }
    }
    do {
      // Expiry was looked at above; the workflow is run at the beginning of time to see everything else.
      _ = try await contents.checkAsClient(now: 0)
    } catch let error as TUFError {
      report.add(.untrusted, error.role ?? "metadata", error.description)
    }
    for role in ["targets"] + contents.delegatedRoles { try check(role, editor, repository, &report) }
    for product in try ProductState.products(of: editor) {
      check(ProductState(product, editor, repository), repository, &report)
    }
    return report
  }

  private func check(
    _ role: String, _ editor: RepositoryEditor, _ repository: Repository, _ report: inout Report
  ) throws {
    let delegation = try editor.targets().delegations?.delegation(to: role)
    if role != "targets", try editor.targets(role).delegations != nil {
      report.add(.untrusted, role, "it delegates, which only targets may: no device follows it there")
    }
    let references: [TargetReference]
    do {
      references = try editor.references(of: role)
    } catch let error as PublishingError where error.code == .damaged {
      return report.add(.damaged, role, error.message)
    }
    for target in references {
      if report.isPartial, try !repository.hasFile(of: target) { continue }
      report.targets += 1
      if let delegation, !delegation.covers(target.name) {
        report.add(.untrusted, target.name, "the role '\(role)' lists it, but is not trusted for it")
      }
      if let problem = try repository.problem(of: target) { report.add(.damaged, target.name, problem) }
    }
  }

  /// Whether what is signed agrees with itself.
  private func check(_ state: ProductState, _ repository: Repository, _ report: inout Report) {
    func look(_ place: String, _ body: () throws -> Void) {
      do { try body() } catch let error as PublishingError where error.code == .damaged {
        // Reported with its target.
      } catch {
        report.add(.inconsistent, place, "\(error)")
      }
    }
    var policy: Policy?
    var releases: SignedReleases?
    look(state.id.role) { releases = try state.releases() }
    look(TargetNames.policy(state.id)) { policy = try state.policy() }
    guard let signed = releases else { return }
    for version in signed.versions {
      for platform in signed.platforms(of: version).sorted() {
        let release = ReleaseIdentity(id: state.id, version: version, platform: platform)
        look(TargetNames.release(.product, of: release)) {
          guard let targets = try state.targets(of: release) else { return }
          let product = try ProductManifest.parse(try repository.bytes(of: targets.product))
          let tree = try TreeManifest(parsing: try repository.bytes(of: targets.tree))
          for (id, said, on, document) in [
            (product.id.text, product.version.description, product.platform.text, "product manifest"),
            (tree.id, tree.version, tree.platform, "tree manifest"),
          ] { try release.mustMatch(id: id, version: said, platform: on, of: document) }
        }
      }
    }
    look("products/\(state.id)/channels") {
      for (name, channel) in try state.channels({ !report.isPartial || (try? repository.hasFile(of: $0)) != false }) {
        for (platform, offer) in channel.platforms {
          let place = TargetNames.channel(name, of: state.id)
          if signed.tree(of: offer.version, on: platform) == nil {
            report.add(
              .inconsistent, place, "offers \(offer.version) for \(platform), which the offline role has not signed")
          } else if let policy, !policy.releases.contains(offer.version) {
            report.add(.inconsistent, place, "offers \(offer.version), which the policy does not list")
          }
        }
      }
    }
  }
}

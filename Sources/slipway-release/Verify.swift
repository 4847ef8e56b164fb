import ArgumentParser
import Installation
import Posix
import Product
import Publishing

struct Verify: AsyncVerb {
  static let configuration = CommandConfiguration(
    abstract: "Look at the whole repository as devices will, and report every fault.",
    discussion: """
      Example:
        slipway-release verify --repository repo

      Checks all signatures, thresholds, versions, expiries, the hash of every target, and that manifests, policy and
      channels agree. Exit codes: 0 no fault, 20 a fault, 21 nothing worse than something expired.
      """)

  @OptionGroup var repository: RepositoryOptions
  @OptionGroup var output: OutputOptions

  func work() async throws {
    let report = try await Verification(now: HostClock.wallSeconds()).run(repository: repository.path)
    let isOK = report.problems.isEmpty
    let words = report.problems.map { "\($0.place): \($0.message)" }
    try output.answer(
      Document(
        ok: isOK, partial: report.isPartial, roles: report.roles, targets: report.targets, problems: report.problems),
      words
        + (report.isPartial
          ? ["\(repository.directory): a mirror, so a partial copy: what is not there was not looked at"] : []) + [
          isOK
            ? "\(repository.directory): \(report.roles) roles and \(report.targets) targets are in order"
            : "\(repository.directory): \(report.problems.count) faults"
        ])
    guard isOK else {
      let isOnlyExpired = report.problems.allSatisfy { $0.kind == .expired }
      throw ArgumentParser.ExitCode(
        (isOnlyExpired ? Product.ExitCode.metadataExpired : Product.ExitCode.untrusted).rawValue)
    }
  }

  private struct Document: Encodable {
    let schema = "slipway.verify/1"
    let ok: Bool
    /// A mirror: only what is there was looked at.
    let partial: Bool
    let roles: Int
    let targets: Int
    let problems: [Verification.Problem]
  }
}

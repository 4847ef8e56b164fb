import Testing

@testable import TUF

/// One attack on a client that trusts version 2 of everything: what the attacker serves, and what must follow. The same
/// without the defect is accepted.
struct Attack: Sendable, CustomTestStringConvertible {
  /// The attacks that TUF is made against (specification, section 1.5.2), and ways to make two readers see two things.
  enum Kind: String, CaseIterable {
    case arbitraryInstallation, endlessData, extraneousDependencies, fastForward, indefiniteFreeze, mixAndMatch
    case rollback, slowRetrieval, vulnerableMirrors, wrongInstallation, thresholdConfusion, keyidConfusion
    case pathConfusion, roleNameTraversal, productConfusion, duplicateKeys, deepNesting, hugeIntegers, invalidUTF8
    case floats
  }

  enum Outcome: Equatable {
    /// The error, and the role whose stored bytes stay as they were.
    case refused(TUFError.Code, String)
    /// No trusted role signs the target that is asked for.
    case absent
  }

  typealias Change = @Sendable (inout Fixture) throws -> Void

  let kind: Kind
  let name: String
  let outcome: Outcome
  /// What the client asks for.
  var path = Fixture.path
  /// What it asks for where the defect is not.
  var twinPath = Fixture.path
  /// The metadata is as it should be, and is stored; what is wrong is the target.
  var isAboutContent = false
  /// Its clock, in seconds since 1970.
  var now = newYear + 3600
  /// A file that the source begins to answer and never ends.
  var stalled: String?
  /// The same change without the defect; nil for version 3 of everything as it was published.
  var twin: Change?
  let forge: Change

  init(_ kind: Kind, _ name: String, _ code: TUFError.Code, _ role: String, _ forge: @escaping Change) {
    self.init(kind, name, .refused(code, role), forge)
  }

  init(_ kind: Kind, _ name: String, _ outcome: Outcome, _ forge: @escaping Change) {
    self.kind = kind
    self.name = name
    self.outcome = outcome
    self.forge = forge
  }

  var testDescription: String { "\(kind.rawValue): \(name)" }

  func with(_ change: (inout Attack) -> Void) -> Attack {
    var copy = self
    change(&copy)
    return copy
  }

  static let all: [Attack] =
    signatures + thresholds + keyids + rollbacks + fastForwards + expiry + mixes + sizes + contents + shapes + texts
    + slowness + mirrors + paths + names + products
}

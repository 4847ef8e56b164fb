import Dispatch

/// One look at the machine or the network, made beside the others and waited for only so long.
public struct Look: Sendable {
  public typealias Answer = @Sendable (inout HostFacts) -> Void

  /// The checks that cannot be judged without the answer; none: it is nice to know.
  public let checks: [Check]
  /// Seconds until the checks go on without it.
  public let bound: Int
  let answer: @Sendable () async -> Answer

  /// Whether some check still wants it.
  public func serves(besides skipped: Set<Check>) -> Bool { checks.isEmpty || !skipped.isSuperset(of: checks) }

  /// For what can be waited for; cancelled when its time is over.
  public init(_ checks: Check..., bound: Int = 10, answer: @escaping @Sendable () async -> Answer) {
    self.checks = checks
    self.bound = bound
    self.answer = answer
  }

  /// For calls that block, on a file system of a server that has gone for example: on a thread of its own, which is left
  /// behind when its time is over.
  public static func blocking(
    _ checks: Check..., bound: Int = 10, answer: @escaping @Sendable () -> Answer
  ) -> Look {
    Look(checks, bound) {
      await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: answer()) }
      }
    }
  }

  private init(_ checks: [Check], _ bound: Int, _ answer: @escaping @Sendable () async -> Answer) {
    self.checks = checks
    self.bound = bound
    self.answer = answer
  }
}

extension HostFacts {
  /// Makes all looks side by side. None keeps the others waiting: what has not answered within its bound is noted as
  /// unanswered, and so fails its checks.
  public static func gather(_ looks: [Look]) async -> HostFacts {
    await withTaskGroup(of: (Look, Look.Answer?).self) { group in
      for look in looks {
        group.addTask { (look, await Bounded.answer(within: look.bound, of: look.answer)) }
      }
      var facts = HostFacts()
      for await (look, answer) in group {
        if let answer {
          answer(&facts)
        } else {
          for check in look.checks { facts.unanswered[check] = look.bound }
        }
      }
      return facts
    }
  }
}

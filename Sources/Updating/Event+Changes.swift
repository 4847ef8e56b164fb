import Installation
import Product

/// What a change of journal or state means. Pure: everything that is written of versions goes through here, so each thing
/// that happens is told once, and none can be forgotten.
extension Event {
  static func told(by change: StateFiles.Change) -> [Event] {
    switch change {
    case .journal(let before, let after): told(before, after)
    case .state(let before, let after): told(before, after)
    }
  }

  private static func told(_ before: Journal, _ after: Journal) -> [Event] {
    switch (before.state, after.state) {
    case (.verified, .staged): [Event(.staged, version: after.to, from: after.from)]
    case (.switching, .proving): [Event(.switched, version: after.to, from: after.from)]
    case (.rollingBack, .rolledBack):
      [Event(.rolledBack, version: after.from, from: after.to, reason: after.reason, code: 40)]
    default: []
    }
  }

  private static func told(_ before: DeviceState?, _ after: DeviceState) -> [Event] {
    let known = Set((before?.knownBad ?? []).map(\.tree))
    var events = after.knownBad.filter { !known.contains($0.tree) }.map {
      Event(.knownBad, version: $0.version, reason: $0.reason)
    }
    if let result = after.lastResult, result != before?.lastResult { events += told(result) }
    if after.rescueRestarts == 1, after.rescueAt != before?.rescueAt { events.append(Event(.rescued)) }
    let waited = before?.waitingFor ?? []
    // A version that is known to be bad here has had its event.
    for wait in after.waitingFor where wait.reason == .halted || wait.reason == .blocked {
      guard !waited.contains(where: { $0.reason == wait.reason && $0.version == wait.version }) else { continue }
      let why = wait.detail.map { "\(wait.reason.rawValue): \($0)" } ?? wait.reason.rawValue
      events.append(
        Event(
          .refused, version: wait.version?.description, reason: why, code: ExitCode.forbiddenVersion.rawValue))
    }
    return events
  }

  private static func told(_ result: DeviceState.Result) -> [Event] {
    switch result.kind {
    case "installed", "installFailed", "committed", "rollbackFailed", "inconclusive", "mended", "repaired":
      EventKind(rawValue: result.kind).map {
        [Event($0, version: result.version, reason: result.message, code: result.code)]
      } ?? []
    case "applyFailed": [failure(result.code, result.message)]
    // The journal tells of the way back, and the list of known-bad versions of the verdict.
    default: []
    }
  }

  /// Refused is what somebody else has brought; failed is what could not be done here.
  static func failure(_ code: Int32?, _ message: String?) -> Event {
    let refusals: [ExitCode] = [
      .untrusted, .metadataExpired, .archiveRefused, .wrongProduct, .malformedInput, .forbiddenVersion,
    ]
    let isRefusal = refusals.contains { $0.rawValue == code }
    return Event(isRefusal ? .refused : .failed, reason: message, code: code)
  }
}

import FoundationEssentials

extension Checklist {
  private struct Document: Encodable {
    let schema = "slipway.check/1"
    let ok: Bool
    let checks: [CheckResult]
  }

  /// One JSON document, `slipway.check/1`, keys sorted, without a newline.
  public func json() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(Document(ok: isOK, checks: results)))
  }

  /// A line a check, then what to do about those that failed.
  public func text() -> String {
    let width = Check.allCases.map(\.rawValue.count).max() ?? 0
    var lines: [String] = []
    for result in results {
      let word =
        switch result.verdict {
        case .pass: "ok"
        case .fail: "FAILED"
        case .warning: "warning"
        case .skipped: "skipped"
        case .notChecked: "not checked"
        }
      lines.append("\(pad(word, 12))\(pad(result.id.rawValue, width + 2))\(result.reason)")
    }
    let remedies = results.filter { !$0.remedy.isEmpty }
    if !remedies.isEmpty { lines.append("") }
    for result in remedies { lines.append("\(pad(result.id.rawValue + ":", width + 2))\(result.remedy)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What goes to standard error for a failed check: the line that admins know, then what to do. `needs` names the
  /// accounts.
  public static func complaint(_ failure: CheckResult, needs: PrerequisiteNeeds) -> String {
    let headline =
      switch failure.id {
      case .elevation: KnownMessage.notElevated
      // The firmware's steps are for a TPM that is not there; of one that is, the line says what it has.
      case .tpm where failure.remedy == KnownMessage.tpmRemedy: KnownMessage.tpmNotFound
      case .accounts: KnownMessage.accountMissing(needs.rules.accounts)
      default: "ERROR: \(failure.id.title): \(failure.reason)"
      }
    return "\(headline)\n\(failure.remedy)\n"
  }

  private func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}

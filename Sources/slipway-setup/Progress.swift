import Console
import Installation
import Synchronization

/// What a person sees meanwhile: a line a step, a bar on a terminal; with --json an event a line.
struct Progress: Sendable {
  private struct Event: Encodable {
    let schema = "slipway.event/1"
    let step: String
  }

  let quiet: Bool
  let json: Bool

  init(_ command: SetupCommand) {
    quiet = command.quiet
    json = command.json
  }

  func step(_ text: String) {
    if json { try? Output.document(Event(step: text)) }
    if !quiet { Output.tell(text) }
  }

  /// Told the bytes written so far; redraws at each percent, and only on a terminal.
  func extraction(of total: Int64) -> (@Sendable (Int64) -> Void)? {
    guard !quiet, Host.isTerminal, total > 0 else { return nil }
    let shown = Mutex<Int64>(-1)
    return { bytes in
      let percent = min(100, bytes * 100 / total)
      let isNews = shown.withLock { last in
        defer { last = percent }
        return last != percent
      }
      guard isNews else { return }
      let filled = Int(percent / 4)
      let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 25 - filled)
      Output.show("\rUnpacking [\(bar)] \(percent) %\(percent == 100 ? "\n" : "")")
    }
  }
}

import Glibc
import Installation
import Posix
import Synchronization

/// What is seen of a step that takes a while: a bar on a terminal, now and then a plain line elsewhere (and with
/// NO_COLOR), an event a second with --json.
public final class ProgressMeter: Sendable {
  private struct Event: Encodable {
    let schema = "slipway.event/1"
    let step: String
    var bytes: Int64?
    var total: Int64?
    var seconds: Int64?
  }

  private struct State {
    var title = ""
    /// Nanoseconds since boot.
    var began: Int64 = 0
    var shown: Int64 = 0
    var percent: Int64 = -1
  }

  private let json: Bool
  private let quiet: Bool
  private let bar: Bool
  private let state = Mutex(State())

  public init(json: Bool, quiet: Bool = false) {
    self.json = json
    self.quiet = quiet
    bar = isatty(STDERR_FILENO) == 1 && getenv("NO_COLOR") == nil
  }

  /// A step that is done at once.
  public func step(_ text: String) {
    if json { try? Output.document(Event(step: text)) }
    if !quiet { Output.tell(text) }
  }

  /// How far a step is.
  ///
  /// - Parameters:
  ///   - title: what is being done, as in `Unpacking`.
  ///   - bytes: done so far, of `total`.
  public func advance(_ title: String, _ bytes: Int64, of total: Int64) {
    guard total > 0 else { return }
    let now = HostClock.monotonicNanoseconds()
    let percent = min(100, bytes * 100 / total)
    let (isDue, seconds) = state.withLock { state in
      if state.title != title || percent < state.percent { state = State(title: title, began: now, shown: now) }
      let interval: Int64 = bar && !json ? 200_000_000 : json ? 1_000_000_000 : 10_000_000_000
      let isLast = percent == 100 && state.percent != 100
      let isDue = isLast || percent < 100 && now - state.shown >= interval
      if isDue { (state.shown, state.percent) = (now, percent) }
      return (isDue, (now - state.began) / 1_000_000_000)
    }
    guard isDue else { return }
    if json { try? Output.document(Event(step: title, bytes: bytes, total: total, seconds: seconds)) }
    guard !quiet else { return }
    let figures = "\(percent) %, \(Self.size(bytes)) of \(Self.size(total)), \(seconds) s"
    guard bar, !json else { return Output.tell("\(title): \(figures)") }
    let filled = Int(percent / 4)
    let drawn = String(repeating: "#", count: filled) + String(repeating: ".", count: 25 - filled)
    Output.show("\r\(title) [\(drawn)] \(figures)\u{1B}[K\(percent == 100 ? "\n" : "")")
  }

  private static func size(_ bytes: Int64) -> String {
    let tenths = bytes / 100_000
    return tenths < 10 ? "\(bytes / 1000) kB" : "\(tenths / 10).\(tenths % 10) MB"
  }
}

import CDuktape
import Glibc
import Proxies
import SystemPackage

/// The evaluator of a proxy auto-configuration script as a process: ``PACFrame`` says what is spoken on its standard
/// input, ``PACEvaluator`` is the other side.
public enum EvaluatorProgram {
  /// The word that a program takes to become an evaluator.
  public static let verb = "pac-evaluator"

  /// Serves one conversation. To be called first of all, while the process has one thread.
  public static func run() -> Never {
    var status = stat()
    guard fstat(0, &status) == 0, status.st_mode & S_IFMT == S_IFSOCK else {
      let text = "ERROR: \(verb) speaks to other parts of Slipway over a socket; there is nothing to be typed\n"
      _ = text.withCString { write(2, $0, text.utf8.count) }
      exit(64)
    }
    do throws(Confinement.Failure) {
      guard shim_duktape_watch() else { throw Confinement.Failure(reason: "setitimer: \(Errno(rawValue: errno))") }
      let process = getpid()
      let (user, refusals) = try Confinement.enter()
      Channel.send(PACFrame(.ready, (["\(user)", "\(process)"] + refusals).map { Array($0.utf8) }))
    } catch {
      Channel.fail(.unavailable, "the evaluator cannot be confined: \(error.reason)")
      exit(EXIT_FAILURE)
    }
    serve()
  }

  private static func serve() -> Never {
    let script = Channel.receive()
    guard script.kind == .script, script.fields.count == 4, let memory = script.number(2),
      let milliseconds = script.number(3)
    else { exit(EXIT_FAILURE) }
    let computing = Double(milliseconds) / 1000
    do throws(Script.Failure) {
      try Script.load(script.fields[1], name: script.text(0) ?? "", memory: memory, computing: computing)
    } catch {
      Channel.fail(error.code, line: error.line, error.message)
      exit(EXIT_SUCCESS)
    }
    Channel.send(PACFrame(.loaded))
    while true {
      let frame = Channel.receive()
      guard frame.kind == .question, frame.fields.count == 4, let time = frame.number(2), let offset = frame.number(3)
      else { exit(EXIT_FAILURE) }
      do throws(Script.Failure) {
        let text = try Script.ask(
          url: frame.fields[0], host: frame.fields[1], time: PACTime(milliseconds: Int64(time), offset: offset),
          memory: memory, computing: computing)
        Channel.send(PACFrame(.answer, text))
      } catch {
        Channel.fail(error.code, line: error.line, error.message)
      }
    }
  }
}

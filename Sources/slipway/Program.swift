import Dispatch
import Glibc
import PACEvaluation

@main enum Program {
  static func main() {
    // Before anything starts a thread: an evaluator gives up more than threads could be made to.
    if CommandLine.arguments.dropFirst().elementsEqual([EvaluatorProgram.verb]) { EvaluatorProgram.run() }
    Task {
      await SlipwayCommand.main()
      exit(EXIT_SUCCESS)
    }
    dispatchMain()
  }
}

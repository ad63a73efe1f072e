import { call } from '../../api.ts';
import type { Operation } from './kept.ts';
import type { OwnCalls } from './own.ts';

export function ownCalls(lesson: string): OwnCalls {
  const params = { lesson };
  return {
    show: () => call('watching.show', { params }),
    report: (input, last) => call('watching.report', { params, input, keepalive: last }),
    run: (operation) => run(lesson, operation),
  };
}

function run(lesson: string, operation: Operation): Promise<unknown> {
  const { id } = operation;
  switch (operation.kind) {
    case 'note': {
      const { t, text } = operation;
      return call('note.put', { params: { lesson }, input: { id, t, text } });
    }
    case 'forget':
      return call('note.delete', { params: { lesson, note: id } });
    case 'ask': {
      const { t, text } = operation;
      return call('question.ask', { params: { lesson }, input: { id, t, text } });
    }
    case 'withdraw':
      return call('question.delete', { params: { lesson, question: id } });
    case 'answer': {
      const { text } = operation;
      return call('question.answer', { params: { lesson, question: id }, input: { text } });
    }
  }
}

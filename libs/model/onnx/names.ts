/** Of the graph's one input and its one output. Apart from the code that builds graphs: threads that run one don't load it. */
export const INPUT_NAME = 'pixels';
export const OUTPUT_NAME = 'logits';

/* nn/train/optimiser: how a gradient changes the weights. */
#ifndef NN_TRAIN_OPTIMISER_H
#define NN_TRAIN_OPTIMISER_H

/* With w a weight, g its gradient (clipped), r the learning rate, and "decay" only for weights, not
 * for biases and BatchNormalization:
 *
 * sgd: g += decay * w; v = momentum * v + g; w -= r * v. nesterov (Sutskever et al. 2013, as
 *   PyTorch does it): w -= r * (g + momentum * v).
 * adam (Kingma & Ba 2015): g += decay * w; m = momentum * m + (1 - momentum) * g; v = beta2 * v +
 *   (1 - beta2) * g^2; w -= r * m' / (sqrt(v') + epsilon), with m' and v' divided by 1 - momentum^t
 *   and 1 - beta2^t in step t = 1, 2 ...
 * adamw (Loshchilov & Hutter 2019): the decay is no part of g: w -= r * decay * w first. */
enum optimiser_kind { OPTIMISER_SGD, OPTIMISER_ADAM, OPTIMISER_ADAMW, OPTIMISER_TYPES };

struct optimiser {
    enum optimiser_kind kind;
    double momentum; /* Adam's beta1 */
    double beta2, epsilon;
    double weight_decay;
    int nesterov;
    double clip_norm; /* a gradient, of all weights together, that is longer than this is shortened
                         to it (Pascanu et al. 2013); 0: never */
};

const char *optimiser_name(enum optimiser_kind kind);
/* What its authors, or PyTorch, take without knowing the task: no clipping, no nesterov. */
struct optimiser optimiser_usual(enum optimiser_kind kind);
double optimiser_usual_rate(enum optimiser_kind kind);

#endif

import { Eye, EyeOff } from 'lucide-react';
import { useState } from 'react';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { TextField, type TextFieldProps } from 'react-aria-components/TextField';
import { useTranslation } from 'react-i18next';
import styles from './Field.module.css';
import { IconButton } from './IconButton.tsx';

interface FieldProps extends Omit<TextFieldProps, 'className' | 'children' | 'style'> {
  readonly label: string;
}

export function Field({ label, type, ...rest }: FieldProps) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const isPassword = type === 'password';
  return (
    <TextField {...rest} type={isPassword && shown ? 'text' : type} className={styles.field}>
      <Label className={styles.label}>{label}</Label>
      <div className={styles.row}>
        <Input className={styles.input} spellCheck={false} autoCapitalize="none" />
        {isPassword && (
          <IconButton
            className={styles.eye}
            placement="left"
            icon={shown ? EyeOff : Eye}
            label={t(shown ? 'field.hide' : 'field.show')}
            onPress={() => setShown(!shown)}
          />
        )}
      </div>
      <FieldError className={styles.error}>
        {({ validationDetails }) =>
          validationDetails.tooShort ? t('field.short', { n: rest.minLength }) : t('field.required')
        }
      </FieldError>
    </TextField>
  );
}
